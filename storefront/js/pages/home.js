// Home: what there is, and what is new.

import { get } from '../api.js'
import { h, show } from '../dom.js'
import { CATEGORIES, drawing } from '../picture.js'
import { grid, places } from '../products.js'
import { t } from '../texts.js'

const SHOWN = 12

export default async function home({ config, tree }) {
  const tiles = h('ul', { class: 'tiles' }, Array.from({ length: 4 }, () => h('li', { class: 'tile place' })))
  const newest = h('div', {}, places(SHOWN))
  show('Quartet',
    h('section', { class: 'hero' }, h('h1', {}, t('hero')), h('p', {}, t('hero_more')), h('a', { class: 'button', href: '/search' }, t('all_products')),
      h('div', { class: 'shelf', 'aria-hidden': 'true' }, drawing('lamp', 'mustard'), drawing('kettle', 'red'), drawing('mug', 'blue'))),
    h('section', { 'aria-label': t('categories') }, tiles),
    h('section', {}, h('h2', {}, t('newest')), newest))
  const [categories, found] = await Promise.all([tree, get(`/products?sort=newest&limit=${SHOWN}`, { anonymous: true })])
  tiles.replaceChildren(...categories.map((each) => h('li', { class: 'tile' },
    drawing(CATEGORIES[each.slug] ?? 'box', 'plain'),
    h('a', { href: `/category/${encodeURIComponent(each.slug)}` }, each.name))))
  newest.replaceChildren(grid(found.items, config.media_origins))
}
