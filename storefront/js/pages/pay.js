// Pay for an order: with Stripe's fields where the shop has its key, with test cards on the sandbox.

import { forgetKey, get, hasKey, keyOf, pause, post } from '../api.js'
import { h, notice, show } from '../dom.js'
import { money, time } from '../format.js'
import { language, t } from '../texts.js'
import { lines, totals } from '../totals.js'

const STRIPE = 'https://js.stripe.com/v3/'
const CARDS = [['pm_card_visa', 'test_good'], ['pm_card_chargeDeclined', 'test_bad'], ['pm_card_chargeDeclinedInsufficientFunds', 'test_poor']]
const OPEN = ['placed', 'awaiting_payment']
const PAYABLE = ['open', 'requires_action']

export default async function pay({ ref, config }) {
  const order = await get(`/orders/${ref}`, { patient: true })
  if (!OPEN.includes(order.status)) return onward(ref)
  const place = h('div', { class: 'panel' }, h('p', { class: 'busy' }, t('pay_preparing')))
  show(t('pay'), h('h1', {}, t('pay')), h('p', {}, t('order_placed'), ' ', t('order', { number: order.number })),
    h('div', { class: 'two' },
      h('section', { 'aria-label': t('pay') }, place, order.deadline && h('p', { class: 'muted' }, t('deadline', { time: time(order.deadline) }))),
      h('div', { class: 'side' }, h('h2', {}, t('summary')), lines(order.lines), totals(order.totals, { ships: Boolean(order.shipping_method), order }))))
  const payment = await ready(ref)
  if (!payment) return onward(ref)
  if (config.stripe_publishable_key) return fields(payment, place, order, config.stripe_publishable_key)
  if (!config.test_cards) return place.replaceChildren(h('p', {}, t('pay_cannot')))
  return cards(payment, place, order)
}

const onward = (id) => location.replace(`/orders/${id}`)

/** The payment, as soon as it can be paid; null if there is nothing to pay any more. */
async function ready(id) {
  for (;;) {
    const { items } = await get(`/payments?order_id=${id}&wait=20`, { patient: true })
    const payment = items[0]
    if (payment && PAYABLE.includes(payment.status)) return payment
    if (payment && payment.status !== 'new') return null
    const order = await get(`/orders/${id}`, { patient: true })
    if (!OPEN.includes(order.status)) return null
    await pause(500)
  }
}

function cards(payment, place, order) {
  const errors = h('div', { class: 'errors', tabindex: '-1', hidden: true })
  const attempt = `attempt:${payment.id}`
  const buttons = CARDS.map(([card, text]) => h('button', { type: 'button', class: card === 'pm_card_visa' ? 'button full' : 'quiet full', 'data-card': card, onclick: () => go(card) }, t(text)))
  place.replaceChildren(h('h2', {}, t('pay_test')), errors, h('p', { class: 'muted' }, t('pay_test_about')),
    h('p', { class: 'amount' }, money(order.totals.total)), h('div', { class: 'choices' }, buttons))

  async function go(card) {
    errors.hidden = true
    for (const each of buttons) each.disabled = true
    sessionStorage.setItem(attempt, card)
    notice(t('pay_working'), 'wait')
    try {
      await post(`/payments/${payment.id}/confirm`, { payment_method: card }, { key: keyOf(attempt), patient: true })
      over()
      onward(order.id)
    } catch (problem) {
      over()
      if (problem.code === 'payment_closed' || problem.code === 'payment_in_progress') return onward(order.id)
      for (const each of buttons) each.disabled = false
      errors.replaceChildren(h('p', {}, h('strong', {}, problem.message)))
      errors.hidden = false
      errors.focus()
    }
    return undefined
  }

  function over() {
    notice('')
    forgetKey(attempt)
    sessionStorage.removeItem(attempt)
  }

  if (hasKey(attempt) && sessionStorage.getItem(attempt)) return go(sessionStorage.getItem(attempt)) // closed in between: the same attempt, with the same key
  return undefined
}

async function fields(payment, place, order, key) {
  await new Promise((loaded, failed) => { document.head.append(h('script', { src: STRIPE, onload: loaded, onerror: failed })) })
  const stripe = window.Stripe(key, { locale: language })
  const elements = stripe.elements({ clientSecret: payment.client_secret })
  const errors = h('div', { class: 'errors', tabindex: '-1', hidden: true })
  const box = h('div', { class: 'stripe' })
  const button = h('button', { type: 'button', class: 'button full', onclick: go }, t('pay_now', { amount: money(order.totals.total) }))
  place.replaceChildren(errors, box, button)
  elements.create('payment').mount(box)

  async function go() {
    errors.hidden = true
    button.disabled = true
    const { error } = await stripe.confirmPayment({ elements, redirect: 'if_required', confirmParams: { return_url: `${location.origin}/orders/${order.id}` } })
    if (!error) return onward(order.id)
    button.disabled = false
    errors.replaceChildren(h('p', {}, h('strong', {}, error.type === 'card_error' ? t('pay_declined') : error.message)))
    errors.hidden = false
    errors.focus()
    return undefined
  }
}
