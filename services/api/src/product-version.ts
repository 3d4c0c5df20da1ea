/** Of the server and its command line; a test compares it with package.json. */
export const PRODUCT_VERSION = '0.1.0'
