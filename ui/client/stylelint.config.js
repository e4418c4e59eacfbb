// Logical properties only: the page turns round for languages written from right to left.
const PHYSICAL = ['left', 'right', 'top', 'bottom', 'width', 'height', 'float', '/^(min|max)-(width|height)$/', '/^(margin|padding|border|inset)-(left|right|top|bottom)/']

export default {
  overrides: [{ files: ['**/*.svelte'], customSyntax: 'postcss-html' }],
  rules: {
    'property-disallowed-list': [PHYSICAL.filter((one) => one !== 'float')],
    'declaration-property-value-disallowed-list': { float: ['left', 'right'], 'text-align': ['left', 'right'], clear: ['left', 'right'] },
    'color-no-invalid-hex': true,
    'declaration-block-no-duplicate-properties': true,
    'no-duplicate-selectors': true,
    'property-no-unknown': true,
    'unit-no-unknown': true,
  },
}
