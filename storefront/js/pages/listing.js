// Search and categories: products with facets. The address has all that is chosen, so it can be shared and gone back to.

import { get } from '../api.js'
import { h, notice, show } from '../dom.js'
import { byItself, field } from '../forms.js'
import { money } from '../format.js'
import { card, places } from '../products.js'
import { t } from '../texts.js'

const SIZE = 24
const SHOWN = 8 // values of a facet
const FILTERS = ['q', 'category', 'price_min', 'price_max', 'in_stock', 'sort']

export default async function listing({ ref, config, tree }) {
  const chosen = new URLSearchParams(location.search)
  const words = chosen.get('q') ?? ''
  const name = ref ? named(await tree, ref) : null
  const title = name ?? (words ? t('results_of', { words }) : t('all_products'))
  const results = h('ul', { class: 'grid' })
  const total = h('p', { class: 'muted', id: 'total' })
  const more = h('button', { type: 'button', class: 'quiet', hidden: true }, t('more'))
  const facets = h('form', { class: 'facets', onsubmit: (event) => event.preventDefault() })
  const sorts = [['relevance', t(words ? 'sort_relevance' : 'sort_newest')], ['price', t('sort_cheapest')], ['-price', t('sort_dearest')]]
  const sort = field('sort', t('sort'), { options: sorts, value: chosen.get('sort') ?? 'relevance', onchange: (event) => change('sort', event.target.value === 'relevance' ? [] : [event.target.value]) })
  const folded = h('details', { class: 'filters', open: matchMedia('(min-width: 50rem)').matches }, h('summary', {}, t('filters')), facets)
  show(title, h('h1', {}, title), h('div', { class: 'listing' },
    folded,
    h('section', { 'aria-label': t('all_products') }, h('div', { class: 'above' }, total, sort), results, h('p', { class: 'more' }, more))))
  let currency = 'EUR' // until a product says another one
  results.replaceChildren(...places(12).children)

  /** What of the address is for the API; links of newsletters and advertisements add parameters of their own. */
  function query() {
    const asked = new URLSearchParams()
    for (const [key, value] of chosen) {
      if (key.startsWith('attr.')) asked.append(key, value)
      else if (FILTERS.includes(key) && value && !asked.has(key)) asked.set(key, value)
    }
    if (ref && !asked.has('category')) asked.set('category', ref)
    asked.set('limit', SIZE)
    return asked
  }

  function change(key, values) {
    chosen.delete(key)
    for (const each of values) chosen.append(key, each)
    history.replaceState(null, '', `${location.pathname}${chosen.size ? `?${chosen}` : ''}`)
    look().catch((problem) => notice(problem.message, 'wrong'))
  }

  let turn = 0 // of the newest question: an older one may be answered later
  async function look() {
    const asked = query()
    const mine = turn += 1
    asked.set('facets', 'true')
    const found = await get(`/products?${asked}`, { anonymous: true })
    if (mine !== turn) return
    results.replaceChildren(...found.items.map((each) => card(each, config.media_origins)))
    if (!found.items.length) results.append(h('li', { class: 'nothing' }, t('none_found')))
    leaf(found.next)
    total.textContent = found.next ? t('results_many', { n: found.items.length }) : t('results', { n: found.items.length })
    notice(total.textContent, 'unseen')
    if (found.facets) filters(found)
  }

  function leaf(next) {
    more.hidden = !next
    more.onclick = () => byItself(more, async () => {
      const asked = query()
      const mine = turn
      asked.set('cursor', next)
      const page = await get(`/products?${asked}`, { anonymous: true })
      if (mine !== turn) return
      const first = results.children.length
      results.append(...page.items.map((each) => card(each, config.media_origins)))
      results.children[first]?.querySelector('a').focus()
      leaf(page.next)
    })
  }

  function filters({ facets: of, items }) {
    const focused = document.activeElement?.id
    currency = items[0]?.price.currency ?? currency
    const groups = [box('in_stock', [['true', t('in_stock_only'), of.in_stock.true]], t('availability'))]
    for (const [attribute, values] of Object.entries(of.attributes)) {
      groups.push(box(`attr.${attribute}`, values.slice(0, SHOWN).map((each) => [each.value, each.value, each.count]), attribute))
    }
    groups.push(prices(of.price, currency))
    facets.replaceChildren(...groups)
    if (focused) document.getElementById(focused)?.focus()
  }

  function box(key, values, legend) {
    const on = chosen.getAll(key)
    const all = [...values, ...on.filter((each) => !values.some(([value]) => value === each)).map((each) => [each, each, 0])]
    return h('fieldset', {}, h('legend', {}, legend), all.map(([value, text, count]) => {
      const id = `facet-${key}-${value}`
      const input = h('input', { type: 'checkbox', id, checked: on.includes(value), onchange: (event) => change(key, event.target.checked ? [...on, value] : on.filter((each) => each !== value)) })
      return h('label', { class: 'check', for: id }, input, h('span', {}, text), h('span', { class: 'muted' }, String(count)))
    }))
  }

  function prices(ranges, currency) {
    const now = chosen.get('price_min') ?? ''
    return h('fieldset', {}, h('legend', {}, t('price')), ranges.filter((each) => each.count || String(each.from) === now).map(({ from, to, count }) => {
      const id = `facet-price-${from}`
      const on = String(from) === now
      const [low, high] = [from, to ?? 0].map((amount) => money({ amount, currency }))
      const pick = (event) => {
        chosen.delete('price_max')
        if (event.target.checked && to !== null) chosen.set('price_max', to - 1)
        change('price_min', event.target.checked ? [from] : [])
      }
      return h('label', { class: 'check', for: id }, h('input', { type: 'checkbox', id, checked: on, onchange: pick }),
        h('span', {}, to === null ? t('price_up', { from: low }) : t('price_range', { from: low, to: high })), h('span', { class: 'muted' }, String(count)))
    }))
  }

  await look()
}

function named(branches, slug) {
  for (const each of branches) {
    const found = each.slug === slug ? each.name : named(each.children, slug)
    if (found) return found
  }
  return null
}
