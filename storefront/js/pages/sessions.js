// Where I am signed in, and signing out there.

import { get, remove } from '../api.js'
import { h, notice, show } from '../dom.js'
import { time } from '../format.js'
import { t } from '../texts.js'

export default async function sessions() {
  const { items } = await get('/users/me/sessions?limit=50')
  show(t('sessions'), h('h1', {}, t('sessions')), h('p', {}, t('sessions_about')), h('ul', { class: 'rows' }, items.map((each) => h('li', {},
    h('span', {}, h('span', { class: 'device' }, each.device), h('span', { class: 'muted' }, ` ${t('session_since', { time: time(each.created_at) })}, ${t('last_used', { time: time(each.last_used_at) })}`)),
    each.current ? h('strong', {}, t('current_session')) : h('button', { type: 'button', class: 'quiet', onclick: () => end(each) }, t('end_session'))))))

  async function end(each) {
    try {
      await remove(`/users/me/sessions/${each.id}`)
    } catch (problem) {
      if (problem.status !== 404) return notice(problem.message, 'wrong')
    }
    await sessions()
    return document.getElementById('main').focus()
  }
}
