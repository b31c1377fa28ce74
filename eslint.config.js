import tseslint from "typescript-eslint";

/** A default export is a name chosen by every importer; only tools' config files may need one. */
const NO_DEFAULT_EXPORT = {
  selector: "ExportDefaultDeclaration",
  message: "Use a named export: one word per thing.",
};

export default tseslint.config(
  {
    // asm/ is AssemblyScript: its own compiler checks it. The two shared modules are ours too.
    ignores: ["build/", "coverage/", "asm/**/*", "!asm/vocab.ts", "!asm/layout.ts"],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT],
      "prefer-const": "error",
      "no-var": "error",
      eqeqeq: "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // Hot code branches on numbers read from bytes; a default that denies is the safe form there.
      "@typescript-eslint/switch-exhaustiveness-check": "off",
      "@typescript-eslint/no-unsafe-enum-comparison": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["*.config.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.d.ts"],
    rules: { "@typescript-eslint/no-redundant-type-constituents": "off" },
  },
);
