// Rules for the scripts: those that eslint recommends. npm is needed for this check only, never to run the app.

import js from "@eslint/js";
import globals from "globals";

const COLOUR = "/#[0-9a-fA-F]{6}\\b|\\brgba?\\(/";
const colours = "Colours come with the payload, from the theme.";

export default [
  js.configs.recommended,
  { languageOptions: { globals: globals.browser } },
  { files: ["tests/**"], languageOptions: { globals: globals.node } },
  {
    files: ["assets/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.name='t']:not([arguments.0.type='Literal'])",
          message: "The template of t is a literal in double quotes, or the catalogue does not find it.",
        },
        {
          selector: "CallExpression[callee.name='t'] > Literal:first-child[raw=/^'/]",
          message: "The template of t is a literal in double quotes, or the catalogue does not find it.",
        },
        { selector: `Literal[value=${COLOUR}]`, message: colours },
        { selector: `TemplateElement[value.raw=${COLOUR}]`, message: colours },
      ],
    },
  },
];
