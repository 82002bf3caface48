// The checkout: contact, address, shipping, summary; then the order. Paying is the next step, at an address of its own.

import { forgetKey, get, isSignedIn, keyOf, post } from '../api.js'
import { addressFields, addressIn, inOneLine } from '../address.js'
import { follow } from '../demo.js'
import { h, notice, show } from '../dom.js'
import { entrance } from '../entrance.js'
import { field, form } from '../forms.js'
import { money } from '../format.js'
import { language, t } from '../texts.js'
import { lines, totals } from '../totals.js'

const ORDER = 'place-order'
const SAVE = 'save-address'
const OTHER = 'other'

export default async function checkout() {
  if (isSignedIn()) return fill()
  show(t('checkout'), h('h1', {}, t('checkout')), h('p', {}, t('guest')), entrance(fill))
  return undefined
}

async function fill() {
  const cart = await get('/cart', { patient: true })
  if (cart.order_id) return location.replace(`/checkout/${cart.order_id}`) // placed before this page was closed
  if (!cart.lines.length || cart.problems.length) return location.replace('/cart')
  const [me, { items: saved }, first] = await Promise.all([get('/users/me'), get('/users/me/addresses'), post('/cart/quote', {})])
  let quote = first
  let stored = null // the address that was saved from this page
  const summary = h('div', { class: 'side' })
  const methods = h('div', { class: 'choices' })
  const address = quote.ships ? addresses(saved, me.name, () => later()) : null
  const button = h('button', { class: 'button full' }, t('order_and_pay'))
  const made = form(order, h('div', {},
    h('fieldset', { class: 'panel' }, h('legend', {}, t('contact')), field('email', t('email'), { type: 'email', autocomplete: 'email', required: true, maxlength: 254, value: me.email })),
    address?.element,
    quote.ships && h('fieldset', { class: 'panel' }, h('legend', {}, t('method')), methods)), summary)
  made.classList.add('checkout')
  show(t('checkout'), h('h1', {}, t('checkout')), made)

  const method = () => made.elements.shipping_method?.value || null
  let timer = null
  let turn = 0 // of the newest price that was asked for: an older one may be answered later
  function later() { // the order must have the total that is shown
    button.disabled = true
    turn += 1
    clearTimeout(timer)
    timer = setTimeout(() => price().catch((problem) => notice(problem.message, 'wrong')), 300)
  }

  async function price() {
    const mine = turn += 1
    try {
      await ask(() => mine === turn)
    } finally {
      if (mine === turn) button.disabled = false
    }
  }

  async function ask(isNewest) {
    const asked = address ? address.place() : {}
    const before = method()
    let reached = true
    const answer = await post('/cart/quote', asked).catch((problem) => {
      if (problem.code !== 'not_shipped_there') throw problem
      reached = false
      return { ...quote, methods: [] }
    })
    if (!isNewest()) return
    quote = answer
    const codes = quote.methods.map((each) => each.code)
    const now = codes.includes(before) ? before : codes[0]
    methods.replaceChildren(...quote.methods.map((each) => choice(each, each.code === now)))
    if (!quote.methods.length) methods.append(h('p', { class: 'muted' }, t(reached ? 'method_first' : 'method_none')))
    sum()
  }

  function choice(each, checked) {
    return h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'shipping_method', value: each.code, checked, onchange: sum }),
      h('span', {}, h('strong', {}, each.name), each.max_days > 0 && h('span', { class: 'muted' }, ` ${t('days', { min: each.min_days, max: each.max_days })}`)),
      h('span', {}, each.price.amount ? money(each.price) : t('free')))
  }

  function current() {
    return quote.methods.find((each) => each.code === method())?.totals ?? quote.totals
  }

  function sum() {
    summary.replaceChildren(h('h2', {}, t('summary')), lines(quote.lines), totals(current(), { ships: method() !== null }), button, h('p', {}, h('a', { class: 'quiet full', href: '/cart' }, t('change_cart'))))
  }

  async function order(values) {
    const body = { expected_total: { amount: current().total.amount, currency: current().total.currency }, email: values.email.trim(), language }
    if (quote.ships) {
      body.shipping_method = method()
      const needed = quote.methods.find((each) => each.code === method())?.needs_address ?? true
      if (needed) body.shipping_address = address.value()
      if (needed && values.save_address) await save(address.value())
    }
    try {
      const placed = await post('/orders', body, { key: keyOf(ORDER), patient: true })
      done(placed.id)
    } catch (problem) {
      if (problem.code === 'idempotency_key_reused' || problem.code === 'cart_locked') { // it was placed, and the answer was lost
        const { order_id: id } = await get('/cart')
        if (id) return done(id)
      }
      if (problem.status < 500 && problem.code !== 'rate_limited') forgetKey(ORDER)
      if (['price_changed', 'quote_needed', 'unknown_shipping_method'].includes(problem.code)) await price()
      throw problem
    }
    return undefined
  }

  async function save(wanted) { // once, also if the order is then refused and sent again
    if (JSON.stringify(wanted) === stored) return
    await post('/users/me/addresses', wanted, { key: keyOf(SAVE) }).catch((problem) => { if (problem.status < 500) forgetKey(SAVE); throw problem })
    forgetKey(SAVE)
    stored = JSON.stringify(wanted)
  }

  function done(id) {
    forgetKey(ORDER)
    follow(id)
    location.assign(`/checkout/${id}`)
  }

  await price()
  return undefined
}

/** The saved addresses and the fields of another one. */
function addresses(saved, name, changed) {
  const first = saved.find((each) => each.default_shipping) ?? saved[0]
  const fields = h('div', {}, addressFields({ name }), h('label', { class: 'check' }, h('input', { type: 'checkbox', name: 'save_address' }), h('span', {}, t('save_address'))))
  const pick = (id) => {
    fields.hidden = id !== OTHER
    for (const each of fields.querySelectorAll('input, select')) each.disabled = fields.hidden
    changed()
  }
  const radio = (value, text, checked) => h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'address', value, checked, onchange: () => pick(value) }), h('span', {}, text))
  const choices = saved.length > 0 && h('div', { class: 'choices' }, saved.map((each) => radio(each.id, inOneLine(each), each === first)), radio(OTHER, t('new_address'), false))
  const element = h('fieldset', { class: 'panel' }, h('legend', {}, t('address')), choices, fields)
  fields.addEventListener('input', changed)
  fields.hidden = saved.length > 0
  for (const each of fields.querySelectorAll('input, select')) each.disabled = fields.hidden
  const typed = () => addressIn(Object.fromEntries([...fields.querySelectorAll('input, select')].map((each) => [each.name, each.value])))
  const value = () => {
    const chosen = saved.find((each) => each.id === element.querySelector('input[name=address]:checked')?.value)
    return chosen ? addressIn(chosen) : typed()
  }
  const place = () => {
    const { country, region, postal_code: code } = value()
    return { country, region, postal_code: code }
  }
  return { element, value, place }
}
