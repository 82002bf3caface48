// The fields of a postal address, and how one is shown.

import { h } from './dom.js'
import { field } from './forms.js'
import { country } from './format.js'
import { language, t } from './texts.js'

const COUNTRIES = 'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'
const WITH_REGION = ['AU', 'BR', 'CA', 'IN', 'MX', 'US']
const FIELDS = ['name', 'company', 'line1', 'line2', 'postal_code', 'city', 'region', 'country', 'phone']
const HOME = navigator.language.split('-')[1]?.toUpperCase()

/** The fields, for a form. */
export function addressFields(has = {}) {
  const order = new Intl.Collator(language)
  const countries = COUNTRIES.split(' ').map((code) => [code, country(code)]).sort((a, b) => order.compare(a[1], b[1]))
  const first = has.country ?? (COUNTRIES.split(' ').includes(HOME) ? HOME : 'DE')
  const region = field('region', t('region'), { hint: t('region_hint'), autocomplete: 'address-level1', maxlength: 200, value: has.region ?? '' })
  const chosen = field('country', t('country'), { options: countries, autocomplete: 'country', value: first, wide: true, onchange: (event) => adapt(event.target.value) })
  function adapt(code) {
    region.hidden = !WITH_REGION.includes(code)
    if (region.hidden) region.querySelector('input').value = ''
  }
  adapt(first)
  return h('div', { class: 'fields' },
    field('name', t('name'), { autocomplete: 'name', required: true, maxlength: 200, value: has.name ?? '', wide: true }),
    field('company', t('company'), { autocomplete: 'organization', maxlength: 200, value: has.company ?? '', wide: true }),
    field('line1', t('line1'), { autocomplete: 'address-line1', required: true, maxlength: 200, value: has.line1 ?? '', wide: true }),
    field('line2', t('line2'), { autocomplete: 'address-line2', maxlength: 200, value: has.line2 ?? '', wide: true }),
    field('postal_code', t('postal_code'), { autocomplete: 'postal-code', maxlength: 20, value: has.postal_code ?? '' }),
    field('city', t('city'), { autocomplete: 'address-level2', maxlength: 200, value: has.city ?? '' }),
    region, chosen,
    field('phone', t('phone'), { type: 'tel', autocomplete: 'tel', maxlength: 30, value: has.phone ?? '', wide: true }))
}

/** The address in the values of a form. */
export const addressIn = (values) => Object.fromEntries(FIELDS.map((name) => [name, (values[name] ?? '').trim()]))

/** An address in one line; each part keeps its own direction of writing. */
export const inOneLine = (of) => [of.name, of.company, of.line1, of.line2, `${of.postal_code} ${of.city}`.trim(), of.region, country(of.country)].filter(Boolean).map((part) => `\u2068${part}\u2069`).join(', ')
