//! From the bytes of a file to its text.

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no {0}")]
pub struct Undecodable(&'static str);

/// The text of a file: UTF-8, or UTF-16 where it begins with a byte order mark, as AWS's own tools read templates. The
/// mark itself is left out.
///
/// Source: [PyYAML's reader](https://github.com/yaml/pyyaml/blob/main/lib/yaml/reader.py).
///
/// # Errors
/// For bytes that are none of them.
pub fn decoded(bytes: Vec<u8>) -> Result<String, Undecodable> {
    let text = letters(bytes)?;
    match text.contains('\0') {
        // UTF-16 and UTF-32 without their mark look so, and no word in them would be recognized.
        true => Err(Undecodable(
            "text: it has bytes of zero, as UTF-16 without a byte order mark has. Save it as UTF-8",
        )),
        false => Ok(text),
    }
}

fn letters(bytes: Vec<u8>) -> Result<String, Undecodable> {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let letters = char::decode_utf16(pairs.iter().copied().map(unit));
        match rest {
            [] => letters.collect::<Result<String, _>>().ok(),
            _ => None,
        }
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => {
            utf_16(rest, u16::from_le_bytes).ok_or(Undecodable("UTF-16 text: save it as UTF-8"))
        }
        [0xfe, 0xff, rest @ ..] => {
            utf_16(rest, u16::from_be_bytes).ok_or(Undecodable("UTF-16 text: save it as UTF-8"))
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec())
            .map_err(|_| Undecodable("UTF-8 text: save it as UTF-8")),
        // So an archive begins, as which Terraform keeps a plan.
        [b'P', b'K', 3, 4, ..] => Err(Undecodable(
            "text but an archive: of a Terraform plan, give what `terraform show -json FILE` prints",
        )),
        _ => String::from_utf8(bytes).map_err(|_| Undecodable("UTF-8 text: save it as UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_tells_the_encoding() {
        let text = "a: é\u{1f600}\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little = [0xff, 0xfe].into_iter();
        let little = little.chain(units.iter().flat_map(|it| it.to_le_bytes()));
        let big = [0xfe, 0xff].into_iter();
        let big = big.chain(units.iter().flat_map(|it| it.to_be_bytes()));
        let marked = [0xef, 0xbb, 0xbf].into_iter().chain(text.bytes());
        for bytes in [
            little.collect(),
            big.collect(),
            marked.collect(),
            text.as_bytes().to_vec(),
        ] {
            assert_eq!(decoded(bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        for bytes in [
            vec![0xff, 0xfe, 0x61],
            vec![0xff, 0xfe, 0x00, 0xd8],
            vec![0xef, 0xbb, 0xbf, 0xff],
            vec![0x61, 0xe9],
            b"PK\x03\x04plan".to_vec(),
            // UTF-16 without its mark, either way, and UTF-32.
            b"a\0:\0".to_vec(),
            b"\0a\0:".to_vec(),
            b"\xff\xfe\0\0a\0\0\0".to_vec(),
        ] {
            assert!(decoded(bytes.clone()).is_err(), "{bytes:?}");
        }
        assert_eq!(decoded(Vec::new()).as_deref(), Ok(""));
    }
}
