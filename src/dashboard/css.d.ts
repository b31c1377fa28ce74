// Styles are bundled by esbuild into a file of their own; to the compiler they are empty modules.
declare module "*.css";
