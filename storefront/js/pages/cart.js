// The cart: quantities, codes, and on to the checkout.

import { call, get, put, remove } from '../api.js'
import { count } from '../app.js'
import { h, notice, show } from '../dom.js'
import { field, form } from '../forms.js'
import { money } from '../format.js'
import { explained, meaning, t } from '../texts.js'

const MAX_QUANTITY = 999

export default async function cart({ config }) {
  const lines = h('ul', { class: 'cart-lines' })
  const side = h('div', { class: 'side' })
  show(t('cart'), h('h1', {}, t('cart')), h('div', { class: 'two' }, lines, side))
  render(await get('/cart'))

  function render(now) {
    count(now)
    if (!now.lines.length) {
      show(t('cart'), h('h1', {}, t('cart')), h('p', {}, t('cart_empty')), h('p', {}, h('a', { class: 'button', href: '/' }, t('continue'))))
      return
    }
    keeping(() => lines.replaceChildren(...now.lines.map((line) => row(line, now))))
    side.replaceChildren(h('h2', {}, t('summary')), ...now.problems.map((each) => h('p', { class: 'wrong' }, explained(each))), ...below(now))
  }

  /** Draw the lines again. Who was in a field or at a button is there again, with what was typed meanwhile. */
  function keeping(draw) {
    const all = () => [...lines.querySelectorAll('input, button')]
    const at = all().indexOf(document.activeElement)
    const was = all()[at]
    const answered = was?.dataset.sent
    draw()
    const again = all()[at]
    if (!again) return
    again.focus()
    if (again.tagName !== 'INPUT' || [again.value, answered].includes(was.value)) return
    again.value = was.value
    if (was.dataset.sent === was.value) return // some browsers tell a field of its change when it is taken away
    again.addEventListener('blur', () => again.dispatchEvent(new Event('change')), { once: true })
  }

  function below(now) {
    if (now.order_id) return [h('p', {}, t('cart_locked')), h('p', {}, h('a', { class: 'button', href: `/checkout/${now.order_id}` }, t('your_order')))]
    return [
      now.total && h('p', { class: 'total' }, h('span', {}, t('subtotal')), h('strong', {}, money(now.total))),
      h('p', { class: 'muted' }, t('shipping_later')),
      config.codes && codes(now),
      h('a', { class: 'button full', href: '/checkout', 'aria-disabled': now.problems.length > 0 }, t('to_checkout')),
    ].filter(Boolean)
  }

  function row(line, now) {
    const problem = now.problems.find((each) => each.sku === line.sku)
    const isShort = line.available !== null && line.available < line.quantity
    const warning = problem ? explained(problem) : isShort && (line.available ? t('available_few', { n: line.available }) : t('out_of_stock'))
    const quantity = field('quantity', t('quantity'), { type: 'number', min: 1, max: MAX_QUANTITY, value: line.quantity, inputmode: 'numeric', disabled: Boolean(now.order_id), onchange: (event) => set(line, event.target) })
    return h('li', {},
      h('div', {}, h('strong', {}, line.name), warning && h('p', { class: 'wrong' }, warning), h('p', { class: 'muted' }, line.unit_price ? money(line.unit_price) : '')),
      quantity,
      h('p', { class: 'price' }, line.unit_price ? money({ ...line.unit_price, amount: line.unit_price.amount * line.quantity }) : ''),
      h('button', { type: 'button', class: 'quiet', disabled: Boolean(now.order_id), 'aria-label': `${t('remove')}: ${line.name}`, onclick: () => take(line) }, t('remove')))
  }

  async function set(line, input) {
    const wanted = Math.trunc(Number(input.value))
    input.dataset.sent = input.value
    if (!(wanted >= 1 && wanted <= MAX_QUANTITY)) {
      input.value = line.quantity
      if (wanted > MAX_QUANTITY) notice(t('problem_too_many'), 'wrong')
      return
    }
    await change(() => put(`/cart/items/${encodeURIComponent(line.sku)}`, { quantity: wanted }))
  }

  async function take(line) {
    await change(async () => {
      await remove(`/cart/items/${encodeURIComponent(line.sku)}`)
      return get('/cart')
    })
    notice(t('removed', { name: line.name }))
    document.getElementById('main').focus()
  }

  let last = Promise.resolve()
  function change(step) { // one after the other, so that what is shown is the newest
    last = last.then(() => changed(step))
    return last
  }

  async function changed(step) {
    try {
      render(await step())
      notice('')
    } catch (problem) {
      notice(problem.message, 'wrong')
      render(await get('/cart'))
    }
  }

  function codes(now) {
    const has = now.codes ?? []
    return h('div', {},
      form(async ({ code }) => {
        await call('PUT', `/cart/codes/${encodeURIComponent(code.trim())}`)
        render(await get('/cart'))
      }, field('code', t('code'), { maxlength: 40, required: true, autocomplete: 'off' }), h('button', { class: 'quiet' }, t('code_apply'))),
      has.map(({ code, reason }) => {
        return h('p', {}, code, reason && h('span', { class: 'muted' }, `: ${meaning('code', reason)}`), ' ', h('button', { type: 'button', class: 'quiet', onclick: () => change(async () => { await remove(`/cart/codes/${encodeURIComponent(code)}`); return get('/cart') }) }, t('remove')))
      }))
  }
}
