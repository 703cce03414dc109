// PostCSS for the pages: Tailwind and nothing else.
export default { plugins: { '@tailwindcss/postcss': {} } };
