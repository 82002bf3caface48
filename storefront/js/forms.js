// Fields with labels, and their errors: at the top of the form, linked, and beside each field.

import { h, notice } from './dom.js'
import { inEnglish, t } from './texts.js'

let number = 0

/** A labelled input. `name`: also that of its error in a refusal of the API. */
export function field(name, label, { type = 'text', hint, options, wide, ...attributes } = {}) {
  const id = `${name}-${(number += 1)}`
  const input = options
    ? h('select', { id, name, ...attributes }, options.map(([value, text]) => h('option', { value, selected: value === attributes.value }, text)))
    : h('input', { id, name, type, ...attributes })
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`)
  return h('div', { class: wide ? 'field wide-field' : 'field' },
    h('label', { for: id }, label),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    input)
}

/** A form that calls `submit` with its values, once at a time, and shows what is refused. */
export function form(submit, ...content) {
  const made = h('form', { novalidate: true, class: 'form' }, h('div', { class: 'errors', tabindex: '-1', hidden: true }), ...content)
  made.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (made.ariaBusy === 'true') return
    made.ariaBusy = 'true'
    clear(made)
    try {
      const missing = [...made.elements].filter((each) => each.willValidate && !each.validity.valid)
      if (missing.length) list(made, missing.map((each) => [each, wrong(each)]))
      else await submit(Object.fromEntries(new FormData(made)))
    } catch (problem) {
      refuse(made, problem)
    } finally {
      made.ariaBusy = 'false'
    }
  })
  return made
}

/** Why a field is not accepted, in the language of the page: a browser would say it in its own. */
function wrong({ id, validity }) {
  if (validity.valueMissing) return t('missing')
  if (validity.typeMismatch) return t('email_wrong')
  return document.getElementById(`${id}-hint`)?.textContent ?? t('field_wrong')
}

/** What a button does: once at a time, and a refusal is said to everyone. */
export async function byItself(button, act) {
  if (button.ariaBusy === 'true') return
  button.ariaBusy = 'true'
  try {
    await act()
  } catch (problem) {
    if (problem.code === undefined) throw problem // a fault of this page
    notice(problem.message, 'wrong')
  } finally {
    button.ariaBusy = 'false'
  }
}

/** Show a refusal of the API in the form. One whose session has ended can sign in elsewhere, and send it again. */
export function refuse(made, problem) {
  if (problem.code === undefined) throw problem // a fault of this page
  const found = []
  for (const [name, sentences] of flat(problem.errors)) {
    const input = made.elements[name]
    if (input instanceof Element) found.push([input, inEnglish(sentences.join(' '), 'field_wrong')])
  }
  const isOver = problem.status === 401 && problem.code !== 'wrong_credentials'
  const sentence = isOver ? h('a', { href: '/account', target: '_blank' }, problem.message) : problem.message
  list(made, found, found.length ? null : sentence)
}

function flat(errors) {
  return Object.entries(errors).flatMap(([name, value]) => (Array.isArray(value) ? [[name, value]] : flat(value)))
}

function list(made, found, sentence = null) {
  const top = made.querySelector('.errors')
  const items = found.map(([input, text]) => {
    const id = `${input.id}-error`
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', [input.getAttribute('aria-describedby'), id].filter(Boolean).join(' '))
    input.after(h('p', { class: 'error', id }, text))
    const label = made.querySelector(`label[for="${input.id}"]`)?.textContent ?? input.name
    return h('li', {}, h('a', { href: `#${input.id}`, onclick: (event) => { event.preventDefault(); input.focus() } }, `${label}: ${text}`))
  })
  top.replaceChildren(h('p', {}, h('strong', {}, sentence ?? t('errors'))), ...(items.length ? [h('ul', {}, items)] : []))
  top.hidden = false
  top.focus()
}

function clear(made) {
  const top = made.querySelector('.errors')
  top.hidden = true
  top.replaceChildren()
  for (const each of made.querySelectorAll('.error')) each.remove()
  for (const each of made.querySelectorAll('[aria-invalid]')) {
    each.removeAttribute('aria-invalid')
    const rest = (each.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id && !id.endsWith('-error')).join(' ')
    if (rest) each.setAttribute('aria-describedby', rest)
    else each.removeAttribute('aria-describedby')
  }
}
