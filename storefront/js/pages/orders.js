// My orders, newest first.

import { get } from '../api.js'
import { h, show } from '../dom.js'
import { byItself } from '../forms.js'
import { money, reached, time } from '../format.js'
import { t } from '../texts.js'

export default async function orders() {
  const list = h('ul', { class: 'rows' })
  const more = h('button', { type: 'button', class: 'quiet', hidden: true }, t('more'))
  const found = await get('/orders?limit=20')
  show(t('orders'), h('h1', {}, t('orders')), found.items.length ? list : h('p', {}, t('no_orders')), h('p', {}, more))
  add(found)

  function add(page) {
    list.append(...page.items.map((each) => h('li', {},
      h('span', {}, h('a', { href: `/orders/${each.id}` }, t('order', { number: each.number })), h('span', { class: 'muted' }, ` ${time(each.placed_at)}`)),
      h('span', {}, t(`status_${reached(each)}`)),
      h('strong', {}, money(each.totals.total)))))
    more.hidden = !page.next
    more.onclick = () => byItself(more, async () => add(await get(`/orders?limit=20&cursor=${encodeURIComponent(page.next)}`)))
  }
}
