/** Another writer has taken over: whoever gets this must end. Nothing was stored. */
export class NotTheWriter extends Error {
  override readonly name = 'NotTheWriter'
  constructor() {
    super('another writer has taken over')
  }
}
