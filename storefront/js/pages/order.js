// One order, which moves by itself: the API answers as soon as it changes.

import { get, pause, post } from '../api.js'
import { inOneLine } from '../address.js'
import { h, notice, show } from '../dom.js'
import { reached, time } from '../format.js'
import { meaning, t } from '../texts.js'
import { lines, totals } from '../totals.js'

const STEPS = ['placed', 'awaiting_payment', 'confirmed', 'paid', 'dispatched', 'delivered']
const ENDED = ['cancelled', 'refunded']

export default async function order({ ref }) {
  let now = await get(`/orders/${ref}`, { patient: true })
  const title = t('order', { number: now.number })
  const state = h('div', {})
  const side = h('div', { class: 'side' })
  const contact = now.shipping_method ? await get(`/orders/${ref}/address`) : null
  show(title, h('h1', {}, title), h('p', { class: 'muted' }, t('placed_at', { time: time(now.placed_at) })), h('div', { class: 'two' }, state, side))
  render()
  for (;;) {
    const next = await get(`/orders/${ref}?wait=25&version=${now.version}`, { patient: true })
    if (next.version !== now.version) {
      now = next
      render()
      notice(t(`status_${reached(now)}`))
    } else {
      await pause(1000) // no seat was free, or nothing happened
    }
  }

  function render() {
    const at = STEPS.indexOf(reached(now))
    const ended = ENDED.includes(now.status)
    const steps = h('ol', { class: 'steps', 'aria-label': t('steps') }, STEPS.map((each, index) => h('li', {
      class: index < at ? 'done' : null, 'aria-current': index === at ? 'step' : null,
    }, t(`status_${each}`))))
    const open = now.status === 'placed' || now.status === 'awaiting_payment'
    state.replaceChildren(
      h('p', { class: 'state', 'data-status': now.status }, h('strong', {}, t(`status_${reached(now)}`))),
      ...(now.reason ? [h('p', { class: 'muted' }, t('reason', { reason: meaning('reason', now.reason) }))] : []),
      ...(ended ? [] : [steps]),
      ...(open ? [h('p', {}, h('a', { class: 'button', href: `/checkout/${now.id}` }, t('pay')))] : []),
      ...(ended || now.fulfilment !== 'none' ? [] : [h('p', {}, h('button', { type: 'button', class: 'quiet', onclick: cancel }, t('cancel_order')))]))
    parcels().catch(() => {})
    side.replaceChildren(h('h2', {}, t('summary')), lines(now.lines), totals(now.totals, { ships: Boolean(now.shipping_method), order: now }),
      ...(now.shipping_method ? [h('p', { class: 'muted' }, now.shipping_method.name)] : []),
      ...(contact?.shipping_address ? [h('p', { class: 'muted' }, inOneLine(contact.shipping_address))] : []))
  }

  async function parcels() {
    if (now.fulfilment === 'none') return
    const { items } = await get(`/orders/${ref}/shipments`)
    const sent = items.filter((each) => each.tracking_number)
    state.querySelector('.parcels')?.remove()
    state.append(h('ul', { class: 'parcels' }, sent.map((each) => h('li', {}, t('tracking', { carrier: each.carrier, number: each.tracking_number })))))
  }

  async function cancel() {
    try {
      await post(`/orders/${ref}/cancel`)
    } catch (problem) {
      notice(problem.message, 'wrong')
    }
  }
}
