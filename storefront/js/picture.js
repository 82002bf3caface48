// The picture of a product: its first medium, where the policy of this shop allows it; else a drawing of its kind.

import { h } from './dom.js'

const SVG = 'http://www.w3.org/2000/svg'
const KINDS = [ // the last match wins, as the last word of a name says what it is
  ['mug', 'mug'], ['cup', 'cup'], ['pan', 'pan'], ['casserole', 'pot'], ['kettle', 'kettle'], ['lamp', 'lamp'],
  ['pendant', 'pendant'], ['candle', 'candle'], ['cushion', 'cushion'], ['throw', 'throw'], ['notebook', 'notebook'],
  ['sketchbook', 'notebook'], ['fountain', 'pen'], ['pencil', 'pencils'], ['jumper', 'jumper'], ['beanie', 'beanie'],
  ['tote', 'bag'],
]
const TINTS = ['blue', 'white', 'red', 'sage', 'charcoal', 'mustard']
export const CATEGORIES = { kitchen: 'pot', home: 'lamp', desk: 'notebook', wardrobe: 'jumper' }

/** `about`: has slug, name and image or media. `origins`: where media may be. */
export function picture(about, origins, { eager = false } = {}) {
  const image = about.image ?? about.media?.[0]
  if (image && allowed(image.url, origins)) {
    return h('img', { class: 'picture', src: image.url, alt: image.alt || about.name, width: image.width ?? 400, height: image.height ?? 400, loading: eager ? null : 'lazy' })
  }
  const kind = KINDS.filter(([word]) => about.slug.split('-').includes(word)).at(-1)?.[1] ?? 'box'
  const tint = TINTS.find((each) => about.slug.split('-').includes(each)) ?? TINTS[about.slug.length % TINTS.length]
  return drawing(kind, tint)
}

/** One of our drawings; it says nothing that the name beside it does not. */
export function drawing(kind, tint) {
  const svg = document.createElementNS(SVG, 'svg')
  const use = document.createElementNS(SVG, 'use')
  for (const [name, value] of [['class', `picture tint-${tint}`], ['viewBox', '0 0 100 100'], ['aria-hidden', 'true'], ['focusable', 'false']]) svg.setAttribute(name, value)
  use.setAttribute('href', `${new URL('../pictures.svg', import.meta.url).pathname}#${kind}`)
  svg.append(use)
  return svg
}

function allowed(url, origins) {
  const { origin } = new URL(url, location.href)
  return origin === location.origin || origins.includes(origin)
}
