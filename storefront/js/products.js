// Products in a grid.

import { h } from './dom.js'
import { money } from './format.js'
import { picture } from './picture.js'
import { t } from './texts.js'

export function card(product, origins) {
  return h('li', { class: 'card' },
    picture(product, origins),
    h('a', { href: `/product/${encodeURIComponent(product.slug)}` }, product.name),
    h('p', { class: 'price' }, t('price_from', { price: money(product.price) })),
    product.in_stock ? null : h('p', { class: 'muted' }, t('out_of_stock')))
}

export const grid = (products, origins) => h('ul', { class: 'grid' }, products.map((each) => card(each, origins)))

/** Empty places of the same size, until the products are here: so nothing moves. */
export const places = (number) => h('ul', { class: 'grid', 'aria-hidden': 'true' },
  Array.from({ length: number }, () => h('li', { class: 'card place' })))
