/**
 * The npm that started us, else the one on the path.
 * @returns {string[]} the program and its first arguments
 */
export function npmCommand() {
  const path = process.env.npm_execpath
  return path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm']
}
