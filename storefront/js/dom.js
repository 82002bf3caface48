// Builds elements. Text is always set as text, so nothing that a person typed is ever read as HTML.

/** An element: h('a', {href: '/', class: 'x', onclick: f}, 'text', child, …). Values of null or false are left out. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value)
    else if (key === 'value') made.value = value
    else made.setAttribute(key, value === true ? '' : value)
  }
  made.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false))
  return made
}

/** Show this as the content of the page, under its title. */
export function show(title, ...content) {
  document.title = title === 'Quartet' ? title : `${title} – Quartet`
  document.getElementById('main').replaceChildren(...content.flat(Infinity).filter(Boolean))
}

/** Say this to everyone, also to those who do not see the page. An empty text takes it away. */
export function notice(text, kind = '') {
  const place = document.getElementById('notice')
  if (place.textContent !== text) place.textContent = text
  place.dataset.kind = kind
}
