// What a basket adds up to: every part that is not zero.

import { h } from './dom.js'
import { money } from './format.js'
import { t } from './texts.js'

export function totals(of, { ships = false, order = null } = {}) {
  const rows = [[t('subtotal'), money(of.items)]]
  if (of.discount.amount) rows.push([t('discount'), `−${money(of.discount)}`])
  if (ships) rows.push([t('shipping'), of.shipping.amount ? money(of.shipping) : t('free')])
  if (of.tax.amount && !of.tax_included) rows.push([t('tax'), money(of.tax)])
  rows.push([t('total'), money(of.total), 'sum'])
  if (of.tax.amount && of.tax_included) rows.push([t('tax_included'), money(of.tax), 'muted'])
  if (order?.cancelled.amount) rows.push([t('cancelled_amount'), `−${money(order.cancelled)}`])
  if (order?.refunded.amount) rows.push([t('refunded'), `−${money(order.refunded)}`])
  return h('dl', { class: 'totals' }, rows.map(([name, value, kind]) => h('div', { class: kind ?? null }, h('dt', {}, name), h('dd', {}, value))))
}

/** The lines of a quote or an order. */
export const lines = (of) => h('ul', { class: 'lines' }, of.map((line) => h('li', {},
  h('span', {}, h('span', { class: 'times' }, `${line.quantity} × `), line.name),
  h('span', {}, money({ ...line.unit_price, amount: line.unit_price.amount * line.quantity })))))
