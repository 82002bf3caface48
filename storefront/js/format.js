// Money, times and names as the reader's language writes them.

import { language } from './texts.js'

// The decimals of ISO 4217, as the shop counts them; all others have two. Browsers have their own: none for HUF or IDR.
const DECIMALS = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
}

/** An amount in the currency's smallest unit. */
export function money({ amount, currency }) {
  const digits = Number(Object.keys(DECIMALS).find((each) => DECIMALS[each].includes(currency)) ?? 2)
  const decimals = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(language, { style: 'currency', currency, ...decimals }).format(amount / 10 ** digits)
}

/** A time with its zone. */
export function time(text) {
  const format = { dateStyle: 'medium', timeStyle: 'short' }
  return new Intl.DateTimeFormat(language, format).format(new Date(text))
}

/** Hours, minutes and seconds. */
export function clock(text) {
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(new Date(text))
}

/** The name of a country. */
export function country(code) {
  return new Intl.DisplayNames([language], { type: 'region' }).of(code)
}

/** How far an order has come: its status, or where its goods are once it is paid. */
export function reached({ status, fulfilment }) {
  return status === 'paid' && ['dispatched', 'delivered'].includes(fulfilment) ? fulfilment : status
}
