// Sign in or register; then what is one's own.

import { get, isSignedIn, signOut } from '../api.js'
import { h, show } from '../dom.js'
import { entrance } from '../entrance.js'
import { t } from '../texts.js'

export default async function account() {
  const next = new URLSearchParams(location.search).get('next')
  if (isSignedIn()) {
    const me = await get('/users/me')
    if (next) return location.replace(safe(next))
    const links = [['/orders', 'orders'], ['/account/addresses', 'addresses'], ['/account/sessions', 'sessions']]
    show(t('account'), h('h1', {}, t('hello', { name: me.name })), h('p', { class: 'muted' }, me.email),
      h('ul', { class: 'tiles' }, links.map(([href, text]) => h('li', { class: 'tile' }, h('a', { href }, t(text))))),
      h('p', {}, h('button', { type: 'button', class: 'quiet', onclick: async () => { await signOut().catch(() => {}); location.assign('/') } }, t('sign_out'))))
    return undefined
  }
  show(t('account'), h('h1', {}, t('account')), entrance(() => location.replace(safe(next))))
  return undefined
}

/** An address of this shop, whatever that of this page asks for; in full, as a path may begin like another host's. */
function safe(next) {
  try {
    const url = new URL(next ?? '/account', location.origin)
    return url.origin === location.origin ? url.href : '/account'
  } catch {
    return '/account'
  }
}
