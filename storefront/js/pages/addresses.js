// My addresses: read, add, remove.

import { forgetKey, get, keyOf, post, remove } from '../api.js'
import { addressFields, addressIn, inOneLine } from '../address.js'
import { h, notice, show } from '../dom.js'
import { form } from '../forms.js'
import { t } from '../texts.js'

const NEW = 'new-address'

export default async function addresses() {
  const { items } = await get('/users/me/addresses')
  const made = form(async (values) => {
    await post('/users/me/addresses', { ...addressIn(values), default_shipping: values.default_shipping === 'on' }, { key: keyOf(NEW) })
      .catch((problem) => { if (problem.status < 500) forgetKey(NEW); throw problem })
    forgetKey(NEW)
    await addresses()
    document.getElementById('main').focus()
  }, addressFields(), h('label', { class: 'check' }, h('input', { type: 'checkbox', name: 'default_shipping' }), h('span', {}, t('default_shipping'))),
  h('button', { class: 'button' }, t('save')))
  const rows = h('ul', { class: 'rows' }, items.map((each) => h('li', {},
    h('span', {}, inOneLine(each)),
    h('button', { type: 'button', class: 'quiet', 'aria-label': `${t('remove')}: ${inOneLine(each)}`, onclick: () => drop(each) }, t('remove')))))
  show(t('addresses'), h('h1', {}, t('addresses')), items.length ? rows : h('p', {}, t('no_addresses')),
    h('section', { class: 'panel' }, h('h2', {}, t('add_address')), made))

  async function drop(each) {
    try {
      await remove(`/users/me/addresses/${each.id}`)
    } catch (problem) {
      if (problem.status !== 404) return notice(problem.message, 'wrong')
    }
    return addresses()
  }
}
