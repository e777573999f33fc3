//! Where a part of a text stands in it.

use crate::template::tree::Spot;

/// Finds places in one text. Places that are asked for in their order are found in one pass.
pub(super) struct Positions<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
    column: usize,
}

impl<'a> Positions<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Positions {
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    /// Where a part of the text begins. What is no part of it begins where the text does.
    pub(super) fn of(&mut self, part: &str) -> Spot {
        let start = self.text.as_ptr().addr();
        let offset = part.as_ptr().addr().saturating_sub(start);
        if offset < self.offset {
            (self.offset, self.line, self.column) = (0, 1, 1);
        }
        let between = self.text.get(self.offset..offset).unwrap_or_default();
        for letter in between.chars() {
            if letter == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset += between.len();
        Spot {
            file: 0,
            line: self.line,
            column: self.column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_from_one() {
        let text = "ab\nçd\n\nx";
        let mut positions = Positions::new(text);
        let mut at = |offset: usize| {
            let spot = positions.of(&text[offset..]);
            (spot.line, spot.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(5), (2, 2));
        assert_eq!(at(8), (4, 1));
        assert_eq!(at(1), (1, 2));
    }
}
