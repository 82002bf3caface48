// Calls the public API. The access token is in memory only; the refresh token is in a cookie that no script can read.

import { notice } from './dom.js'
import { explained, t } from './texts.js'

const API = '/api/v1'
const AWAY = [502, 503, 504]
const SIGNED_IN = 'signed-in' // in the storage: that there is a session, not whose
const CART = 'cart-token'
let access = null
let renewing = null

/** A refusal of the API: `code` is stable, `errors` are by field. */
export class Problem extends Error {
  constructor(status, body) {
    super(explained(body))
    Object.assign(this, { status, code: body.code ?? 'unknown', errors: body.errors ?? {}, more: body })
  }
}

export const isSignedIn = () => localStorage.getItem(SIGNED_IN) !== null
export const cartToken = () => localStorage.getItem(CART)
export const forgetCart = () => localStorage.removeItem(CART)
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, '0')).join('')
export const get = (path, options) => call('GET', path, options)
export const post = (path, body, options) => call('POST', path, { body, ...options })
export const put = (path, body, options) => call('PUT', path, { body, ...options })
export const remove = (path, options) => call('DELETE', path, options)

/** A key that stays the same until `forget` is called, also when the page is closed in between. */
export function keyOf(what) {
  const made = sessionStorage.getItem(`key:${what}`) ?? newKey()
  sessionStorage.setItem(`key:${what}`, made)
  return made
}

export const hasKey = (what) => sessionStorage.getItem(`key:${what}`) !== null
export const forgetKey = (what) => sessionStorage.removeItem(`key:${what}`)

/**
 * One request. `key`: its Idempotency-Key. `version`: the ETag for If-Match. `patient`: repeat it, with the same key,
 * until the shop answers. Throws Problem.
 */
export async function call(method, path, { body, key, version, patient = false, anonymous = false } = {}) {
  for (let tries = 0; ; tries += 1) {
    const answer = await once(method, path, { body, key, version, anonymous })
    if (answer && !AWAY.includes(answer.status)) {
      if (tries) notice('')
      return read(answer)
    }
    if (!patient && tries >= 2) {
      notice('') // it does not go on by itself
      throw answer ? new Problem(answer.status, await json(answer)) : new Problem(0, { code: 'away' })
    }
    if (patient || tries) notice(t('away'), 'wait')
    await pause(Math.min(500 * 2 ** tries, 4000))
  }
}

async function once(method, path, { body, key, version, anonymous }) {
  let answer = await send(method, path, { body, key, version, token: anonymous ? null : await token() })
  if (answer?.status === 401 && !anonymous && isSignedIn()) {
    access = null
    answer = await send(method, path, { body, key, version, token: await token() })
  }
  return answer
}

async function send(method, path, { body, key, version, token }) {
  const headers = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (key) headers['Idempotency-Key'] = key
  if (version) headers['If-Match'] = version
  if (token) headers.Authorization = `Bearer ${token}`
  const forCart = path.startsWith('/cart') || (method === 'POST' && path === '/orders')
  if (forCart && cartToken()) headers['X-Cart-Token'] = cartToken()
  try {
    const answer = await fetch(API + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
    if (answer.headers.has('X-Cart-Token')) localStorage.setItem(CART, answer.headers.get('X-Cart-Token'))
    return answer
  } catch {
    return null // nobody answers
  }
}

async function read(answer) {
  if (!answer.ok) throw new Problem(answer.status, await json(answer))
  const found = answer.status === 204 ? {} : await json(answer)
  const tag = answer.headers.get('ETag')
  if (tag) Object.defineProperty(found, 'etag', { value: tag })
  return found
}

async function json(answer) {
  try {
    return await answer.json()
  } catch {
    return {}
  }
}

/** The access token, renewed if there is none; null for a guest. Several callers share one renewal. */
async function token() {
  if (access || !isSignedIn()) return access
  renewing ??= renew().finally(() => { renewing = null })
  return renewing
}

async function renew() {
  for (let tries = 0; ; tries += 1) {
    const answer = await send('POST', '/auth/refresh', { body: { cookie: true } })
    if (answer?.ok) return use(await answer.json())
    if (answer && !AWAY.includes(answer.status) && answer.status !== 429) {
      localStorage.removeItem(SIGNED_IN)
      return null
    }
    notice(t('away'), 'wait')
    await pause(Math.min(500 * 2 ** tries, 4000))
  }
}

function use(pair) {
  access = pair.access_token
  localStorage.setItem(SIGNED_IN, '1')
  notice('')
  return access
}

/** Sign in; what is in the guest's cart is then in the customer's. */
export async function signIn(email, password) {
  use(await post('/auth/login', { email, password, cookie: true }, { anonymous: true }))
  if (cartToken()) await get('/cart')
  forgetCart()
}

/** Sign out on this device. */
export async function signOut() {
  try {
    await post('/auth/logout')
  } finally {
    access = null
    localStorage.removeItem(SIGNED_IN)
    sessionStorage.clear()
  }
}

export const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds) })
