// One product: its versions, whether they can be had, and into the cart with it.

import { get, put } from '../api.js'
import { count } from '../app.js'
import { h, notice, show } from '../dom.js'
import { field, form } from '../forms.js'
import { money } from '../format.js'
import { picture } from '../picture.js'
import { t } from '../texts.js'

const FEW = 10

export default async function product({ ref, config }) {
  const found = await get(`/products/${encodeURIComponent(ref)}`, { anonymous: true })
  const variants = found.variants.filter((each) => each.on_sale)
  let chosen = variants.find((each) => each.available) ?? variants[0]
  const price = h('p', { class: 'price big' })
  const stock = h('p', { class: 'stock' })
  const added = h('p', { class: 'added', role: 'status' })
  const button = h('button', { class: 'button' }, t('add_to_cart'))

  function choose(variant) {
    chosen = variant
    price.textContent = variant ? money(variant.price) : ''
    const left = variant && found.on_sale ? variant.available : 0
    stock.textContent = left > FEW ? t('available') : left ? t('available_few', { n: left }) : t('out_of_stock')
    stock.dataset.kind = left > FEW ? 'good' : left ? 'few' : 'none'
    button.disabled = !left
    added.replaceChildren()
  }

  async function add({ quantity }) {
    const { lines } = await get('/cart')
    const has = lines.find((line) => line.sku === chosen.sku)?.quantity ?? 0
    const cart = await put(`/cart/items/${encodeURIComponent(chosen.sku)}`, { quantity: has + Number(quantity) })
    count(cart)
    notice('')
    added.replaceChildren(t('added'), ' ', h('a', { href: '/cart' }, t('view_cart')))
  }

  const versions = variants.length > 1 && h('fieldset', { class: 'versions' }, h('legend', {}, t('variant')), variants.map((each) => h('label', {},
    h('input', { type: 'radio', name: 'sku', value: each.sku, checked: each === chosen, onchange: () => choose(each) }),
    h('span', {}, each.name || each.sku))))
  const facts = Object.entries(found.attributes)
  choose(chosen)
  show(found.name, h('article', { class: 'product' },
    h('div', { class: 'gallery' }, picture(found, config.media_origins, { eager: true })),
    h('div', {},
      h('h1', {}, found.name), price, stock,
      form(add, versions, h('div', { class: 'buy' }, field('quantity', t('quantity'), { type: 'number', min: 1, max: 999, value: 1, required: true, inputmode: 'numeric' }), button), added),
      h('p', { class: 'about' }, found.description),
      facts.length ? h('section', {}, h('h2', {}, t('details')), h('dl', { class: 'facts' }, facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))) : null)))
}
