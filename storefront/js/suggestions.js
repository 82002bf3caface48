// Suggests products while a customer types: a combobox, by the pattern of WAI-ARIA.

import { get } from './api.js'
import { h } from './dom.js'
import { t } from './texts.js'

export function suggestions(input) {
  const list = h('ul', { id: 'suggestions', role: 'listbox', class: 'suggestions', 'aria-label': t('suggestions'), hidden: true })
  let timer = null
  let chosen = -1
  input.after(list)
  for (const [name, value] of [['role', 'combobox'], ['aria-expanded', 'false'], ['aria-controls', 'suggestions'], ['aria-autocomplete', 'list']]) input.setAttribute(name, value)
  input.value = new URLSearchParams(location.search).get('q') ?? ''

  function close() {
    clearTimeout(timer)
    list.hidden = true
    chosen = -1
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  }

  function choose(index) {
    const options = [...list.children]
    chosen = (index + options.length) % options.length
    options.forEach((each, at) => each.setAttribute('aria-selected', String(at === chosen)))
    input.setAttribute('aria-activedescendant', options[chosen].id)
  }

  async function look() {
    const words = input.value.trim()
    if (!words) return close()
    const { items } = await get(`/products/suggest?q=${encodeURIComponent(words)}`, { anonymous: true })
    if (words !== input.value.trim() || document.activeElement !== input) return undefined
    list.replaceChildren(...items.map((each, at) => h('li', {
      role: 'option', id: `suggestion-${at}`, 'aria-selected': 'false', 'data-slug': each.slug,
      onmousedown: (event) => { event.preventDefault(); location.assign(`/product/${encodeURIComponent(each.slug)}`) },
    }, each.name)))
    chosen = -1
    list.hidden = !items.length
    input.setAttribute('aria-expanded', String(items.length > 0))
    return undefined
  }

  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(() => look().catch(close), 150) })
  input.addEventListener('blur', close)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
    if (list.hidden) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      choose(chosen + (event.key === 'ArrowDown' ? 1 : chosen < 0 ? 0 : -1))
    }
    if (event.key === 'Enter' && chosen >= 0) {
      event.preventDefault()
      location.assign(`/product/${encodeURIComponent(list.children[chosen].dataset.slug)}`)
    }
  })
}
