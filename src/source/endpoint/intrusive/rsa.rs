//! RSA with a public key, over numbers that were chosen on purpose.
//!
//! Raw: no padding is made here. Only public numbers go through it, so it need not keep time.

use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::num_bigint::BigUint;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

/// Sizes of modulus, in bytes, that are worth asking with: from that of export keys.
const SIZES: std::ops::RangeInclusive<usize> = 64..=2048;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicRsa {
    modulus: BigUint,
    exponent: BigUint,
    /// How many bytes the modulus takes.
    pub(super) size: usize,
}

impl PublicRsa {
    /// The key of a certificate; none where it is another kind of key, or one that nobody has.
    pub(super) fn of(certificate: &[u8]) -> Option<PublicRsa> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        match certificate.public_key().parsed().ok()? {
            PublicKey::RSA(key) => PublicRsa::new(key.modulus, key.exponent),
            _ => None,
        }
    }

    fn new(modulus: &[u8], exponent: &[u8]) -> Option<PublicRsa> {
        let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
        let size = (modulus.bits() as usize).div_ceil(8);
        // A long exponent is legal, and would cost time.
        (SIZES.contains(&size) && exponent.bits() <= 64 && modulus.bit(0)).then_some(PublicRsa {
            modulus,
            exponent,
            size,
        })
    }

    /// Encrypts a block of the modulus's size.
    pub(super) fn encrypt(&self, block: &[u8]) -> Vec<u8> {
        let bytes = BigUint::from_bytes_be(block).modpow(&self.exponent, &self.modulus).to_bytes_be();
        let mut out = vec![0; self.size.saturating_sub(bytes.len())];
        out.extend(bytes);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_raised_as_arithmetic_says() {
        // 2^512 - 569.
        let mut modulus = vec![0xff; 64];
        (modulus[62], modulus[63]) = (0xfd, 0xc7);
        let key = PublicRsa::new(&modulus, &[3]).expect("a key");
        let block = |number: u8| [&[0; 63][..], &[number]].concat();
        assert_eq!(key.encrypt(&block(5)), [&[0; 63][..], &[125]].concat());
        // 2^(3*171) = 2^513 = 2 * 569.
        let power = [&[0; 42][..], &[8], &[0; 21]].concat();
        assert_eq!(power.len(), 64);
        assert_eq!(key.encrypt(&power), [&[0; 62][..], &1138u16.to_be_bytes()].concat());
    }

    #[test]
    fn keys_that_nobody_has_are_none() {
        assert_eq!(PublicRsa::new(&[0; 256], &[3]), None);
        assert_eq!(PublicRsa::new(&[0xff; 32], &[3]), None);
        assert_eq!(PublicRsa::new(&[0xff; 4096], &[3]), None);
        assert_eq!(PublicRsa::new(&[0xff; 256], &[0xff; 256]), None);
        assert_eq!(PublicRsa::of(b"no certificate"), None);
    }
}
