//! The letters that tell positions apart.

/// A set of letters, in order. Nearly all are letters of ASCII.
#[derive(Debug, Clone, Default)]
pub(in crate::iam) struct Letters {
    ascii: u128,
    others: Vec<char>,
}

impl Letters {
    pub(in crate::iam) fn clear(&mut self) {
        self.ascii = 0;
        self.others.clear();
    }

    pub(in crate::iam) fn insert(&mut self, letter: char) {
        if letter.is_ascii() {
            self.ascii |= 1 << u32::from(letter);
        } else if let Err(place) = self.others.binary_search(&letter) {
            self.others.insert(place, letter);
        }
    }

    pub(in crate::iam) fn contains(&self, letter: char) -> bool {
        if letter.is_ascii() {
            self.ascii & (1 << u32::from(letter)) != 0
        } else {
            self.others.binary_search(&letter).is_ok()
        }
    }

    pub(in crate::iam) fn iter(&self) -> impl Iterator<Item = char> {
        let mut left = self.ascii;
        let ascii = std::iter::from_fn(move || {
            let letter = char::from_u32(left.trailing_zeros()).filter(|_| left != 0)?;
            left &= left - 1;
            Some(letter)
        });
        ascii.chain(self.others.iter().copied())
    }

    /// A letter that is not in the set, and no `/` either: it stands for all of them.
    pub(in crate::iam) fn other(&self) -> char {
        let mut readable = ('x'..='z')
            .chain('a'..='w')
            .chain('0'..='9')
            .chain('A'..='Z')
            .chain('\u{a1}'..);
        let other = readable.find(|it| !self.contains(*it));
        other.unwrap_or('x')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_in_order_and_the_other_is_none_of_them() {
        let mut letters = Letters::default();
        for letter in "zxéa/\0\u{7f}ñé".chars() {
            letters.insert(letter);
        }
        let all: String = letters.iter().collect();
        assert_eq!(all, "\0/axz\u{7f}éñ");
        assert!(letters.contains('ñ') && !letters.contains('y'));
        assert_eq!(letters.other(), 'y');
        ('a'..='z')
            .chain('0'..='9')
            .chain('A'..='Z')
            .for_each(|it| letters.insert(it));
        assert_eq!(letters.other(), '\u{a1}');
        letters.clear();
        assert_eq!(letters.iter().count(), 0);
    }
}
