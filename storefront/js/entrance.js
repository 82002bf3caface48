// The two ways in: sign in, or register.

import { post, signIn } from './api.js'
import { h } from './dom.js'
import { field, form } from './forms.js'
import { t } from './texts.js'

/** `done` is called when the customer is signed in. */
export function entrance(done) {
  const email = (value) => field('email', t('email'), { type: 'email', autocomplete: 'username', required: true, maxlength: 254, value })
  const known = form(async (values) => {
    await signIn(values.email, values.password)
    await done()
  }, email(''), field('password', t('password'), { type: 'password', autocomplete: 'current-password', required: true, maxlength: 200 }),
  h('button', { class: 'button' }, t('sign_in')))
  const fresh = form(async (values) => {
    await post('/users', { email: values.email, password: values.password, name: values.name }, { anonymous: true })
    await signIn(values.email, values.password)
    await done()
  }, field('name', t('name'), { autocomplete: 'name', required: true, maxlength: 200 }), email(''),
  field('password', t('password'), { type: 'password', autocomplete: 'new-password', required: true, minlength: 12, maxlength: 200, hint: t('password_hint') }),
  h('button', { class: 'button' }, t('register')))
  return h('div', { class: 'two equal' },
    h('section', { class: 'panel' }, h('h2', {}, t('already')), known),
    h('section', { class: 'panel' }, h('h2', {}, t('new_here')), fresh))
}
