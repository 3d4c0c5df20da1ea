import { describe, expect, test } from 'vitest'

import { isListedHost, isPublicAddress } from './check-address.ts'

describe('an address may be reached', () => {
  test.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
    'when it is public: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )

  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['loopback, another one', '127.255.255.254'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['link-local: metadata services', '169.254.169.254'],
    ['protocol assignments', '192.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['benchmarks', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv4 mapped', '::ffff:127.0.0.1'],
    ['IPv4 mapped, a public one too', '::ffff:8.8.8.8'],
    ['IPv4 compatible', '::127.0.0.1'],
    ['IPv4 translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64, local use', '64:ff9b:1::7f00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['unique local', 'fd00::1'],
    ['metadata over IPv6', 'fd00:ec2::254'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['not assigned to anybody', '4000::1'],
    ['no address', 'example.com'],
    ['nothing', ''],
  ])('never when it is %s: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('the list of private hosts', () => {
  test.each([
    ['a name', ['files.internal'], 'FILES.internal', '10.1.1.1', true],
    ['another name', ['files.internal'], 'other.internal', '10.1.1.1', false],
    ['the end of a name', ['internal'], 'files.internal', '10.1.1.1', false],
    ['an address', ['127.0.0.1'], 'localhost', '127.0.0.1', true],
    ['its neighbour', ['127.0.0.1'], 'localhost', '127.0.0.2', false],
    ['a network', ['10.1.0.0/16'], 'x', '10.1.255.1', true],
    ['outside of it', ['10.1.0.0/16'], 'x', '10.2.0.1', false],
    ['the same bits in the other family', ['10.1.0.0/16'], 'x', '::ffff:10.1.0.1', false],
    ['nothing', [], 'x', '10.1.0.1', false],
  ])('%s', (_what, list, host, address, isListed) => {
    expect(isListedHost(list, host, address)).toBe(isListed)
  })
})
