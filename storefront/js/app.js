// The frame of every page: language, header, and the script of the page that the address names.

import { cartToken, get, isSignedIn, pause, Problem } from './api.js'
import { h, notice, show } from './dom.js'
import { suggestions } from './suggestions.js'
import { language, setLanguage, t } from './texts.js'

const OWN = true // only for someone who has signed in
const PAGES = [
  [/^\/$/, 'home'],
  [/^\/search$/, 'listing'],
  [/^\/category\/([^/]+)$/, 'listing'],
  [/^\/product\/([^/]+)$/, 'product'],
  [/^\/cart$/, 'cart'],
  [/^\/checkout$/, 'checkout'],
  [/^\/checkout\/([^/]+)$/, 'pay', OWN],
  [/^\/orders$/, 'orders', OWN],
  [/^\/orders\/([^/]+)$/, 'order', OWN],
  [/^\/account$/, 'account'],
  [/^\/account\/addresses$/, 'addresses', OWN],
  [/^\/account\/sessions$/, 'sessions', OWN],
]

/** How many units are in the cart, in the header. */
export function count(cart) {
  const units = cart.lines.reduce((sum, line) => sum + line.quantity, 0)
  const place = document.getElementById('count')
  place.hidden = !units
  place.textContent = units > 99 ? '99+' : String(units)
  place.setAttribute('aria-label', t('units', { n: units }))
}

function translate() {
  document.documentElement.lang = language
  for (const each of document.querySelectorAll('[data-text]')) each.textContent = t(each.dataset.text)
  for (const each of document.querySelectorAll('[data-label]')) each.setAttribute('aria-label', t(each.dataset.label))
  for (const each of document.querySelectorAll('[data-placeholder]')) each.placeholder = t(each.dataset.placeholder)
  for (const each of document.querySelectorAll('[data-language]')) {
    each.setAttribute('aria-pressed', String(each.dataset.language === language))
    each.addEventListener('click', () => { setLanguage(each.dataset.language); location.reload() })
  }
}

async function categories() {
  const { items } = await get('/categories', { anonymous: true })
  const here = location.pathname
  document.getElementById('categories').replaceChildren(...items.map((each) => {
    const path = `/category/${encodeURIComponent(each.slug)}`
    return h('li', {}, h('a', { href: path, 'aria-current': here === path && 'page' }, each.name))
  }))
  return items
}

async function page(tree) {
  const path = location.pathname.replace(/(.)\/$/, '$1')
  for (const [pattern, name, own] of PAGES) {
    const found = pattern.exec(path)
    if (found) {
      if (own && !isSignedIn()) return enter()
      const ref = decoded(found[1] ?? '')
      const { default: run } = await import(`./pages/${name}.js`)
      return run({ ref, config: await config, tree })
    }
  }
  throw new Problem(404, { code: 'not_found' })
}

/** A part of the address. One that was cut in the middle of a letter names nothing. */
function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Problem(404, { code: 'not_found' })
  }
}

/** Ask who it is, then come back here. */
function enter() {
  location.replace(`/account?next=${encodeURIComponent(location.pathname + location.search)}`)
}

function failed(problem) {
  if (problem.status === 401) return enter()
  notice('')
  const known = problem instanceof Problem
  const title = problem.status === 404 || problem.status === 422 ? t('not_found') : t('failed')
  show(title, h('h1', {}, title), h('p', {}, known ? problem.message : t('problem_internal_error')),
    h('p', {}, h('a', { class: 'button', href: '/' }, t('home')), ' ',
      h('button', { type: 'button', class: 'quiet', onclick: () => location.reload() }, t('again'))))
  if (!known) throw problem // a script that did not load, or a fault of this page
  return undefined
}

/** What the shop says of itself; asked for again until it answers. */
async function settings() {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch('/storefront/config.json')
      const found = answer.ok ? await answer.json() : null
      if (found && tries) notice('')
      if (found) return found
    } catch { /* nobody answers */ }
    notice(t('away'), 'wait')
    await pause(1000)
  }
}

translate()
suggestions(document.getElementById('q'))
const config = settings()
const tree = categories()
tree.catch(() => {}) // the page says so, if it needs them
page(tree).catch(failed)
if (isSignedIn() || cartToken()) get('/cart').then(count).catch(() => {})
config.then(async ({ demo, desk }) => {
  if (demo) (await import('./demo.js')).strip(desk)
}).catch(() => {})
