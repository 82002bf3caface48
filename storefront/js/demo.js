// The strip at the foot of a demonstration: the timeline of the buyer's own order, as the API has it.

import { get, isSignedIn, pause } from './api.js'
import { h } from './dom.js'
import { clock } from './format.js'
import { t } from './texts.js'

const ORDER = 'order' // in the storage of this tab: the id of the order that was placed in it

export const follow = (id) => sessionStorage.setItem(ORDER, id)

export function strip(desk) {
  const list = h('ol', { class: 'events', tabindex: '0', 'aria-label': t('demo') })
  const body = h('div', { class: 'demo-body' }, h('p', { class: 'muted' }, t('demo_about')), list,
    desk && h('p', {}, h('a', { href: '/desk' }, t('demo_desk'))))
  const details = h('details', { class: 'demo' }, h('summary', {}, t('demo'), ' ', h('span', { class: 'modules', 'aria-hidden': 'true' },
    ...['catalog', 'orders', 'payments', 'users'].map((each) => h('span', { class: `module ${each}` }, each)))), body)
  details.open = matchMedia('(min-width: 50rem)').matches && sessionStorage.getItem(ORDER) !== null && location.pathname.split('/').includes(sessionStorage.getItem(ORDER))
  document.body.append(h('aside', { 'aria-label': t('demo') }, details))
  document.body.classList.add('with-demo')
  run(list, details).catch(() => {}) // an order of somebody else: nothing to show
}

async function run(list, details) {
  let seen = 0
  for (;;) {
    const order = sessionStorage.getItem(ORDER)
    if (order && isSignedIn() && details.open && !document.hidden) {
      const { items } = await get(`/orders/${order}/timeline`).catch(({ status }) => {
        if (status === 0 || status >= 500) return { items: [] } // it is asked again
        throw new Error(`answered with ${status}`)
      })
      if (items.length && items.length !== seen) {
        seen = items.length
        list.replaceChildren(...items.map(entry))
        list.lastElementChild?.scrollIntoView({ block: 'nearest' })
      }
    } else if (!seen) {
      list.replaceChildren(h('li', { class: 'muted' }, t('demo_waiting')))
    }
    await pause(1500)
  }
}

const entry = ({ at, module, what }) => h('li', {},
  h('span', { class: 'muted' }, clock(at)), ' ', h('span', { class: `module ${module}` }, module), ' ', what.replaceAll('_', ' '))
