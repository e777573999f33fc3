//! Why one entry of the policy file is narrower than another, in words.

use super::selector::Specificity;

impl Specificity {
    /// Why an entry of this specificity decides, and not one of the other, in words that call them by
    /// these names. The entry that decides is the narrower one, or the later of two equals.
    pub fn wins_over(self, other: Specificity, own: &str, others: &str) -> String {
        let mut pairs = self.parts().into_iter().zip(other.parts());
        match pairs.find(|((_, one), (_, another))| one != another) {
            Some(((part, one), (_, another))) => format!(
                "{own} {}, {others} {}",
                says_of(part, one),
                says_of(part, another)
            ),
            None => format!("{own} is as narrow as {others}, and the later one decides"),
        }
    }

    /// What counts, in its order: that of the fields, by which two of them are compared.
    fn parts(self) -> [(&'static str, usize); 7] {
        // Every field is named, so that a new one cannot be forgotten here.
        let Specificity {
            api,
            stage,
            path,
            verb,
            exposure,
            tags,
            region,
        } = self;
        [
            ("API", api),
            ("stage", stage),
            ("path", path),
            ("verb", verb),
            ("exposure", exposure),
            ("tags", tags),
            ("Region", region),
        ]
    }
}

fn says_of(part: &str, rank: usize) -> String {
    match rank {
        0 => format!("leaves the {part} open"),
        usize::MAX => format!("names the {part} itself"),
        1 => format!("narrows the {part} by 1 character"),
        characters => format!("narrows the {part} by {characters} characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn specificity([api, stage, path, verb, exposure, tags, region]: [usize; 7]) -> Specificity {
        Specificity {
            api,
            stage,
            path,
            verb,
            exposure,
            tags,
            region,
        }
    }

    proptest! {
        #[test]
        fn the_parts_are_compared_as_the_whole_is(one: [u8; 7], other: [u8; 7]) {
            let [one, other] = [one, other].map(|it| specificity(it.map(|rank| usize::from(rank % 3))));
            let ranks = |it: Specificity| it.parts().map(|(_, rank)| rank);
            prop_assert_eq!(one.cmp(&other), ranks(one).cmp(&ranks(other)));
        }
    }

    #[test]
    fn the_first_difference_is_named() {
        let narrow = specificity([0, 0, usize::MAX, 0, 0, 0, 0]);
        let wide = specificity([0, 0, 6, usize::MAX, 0, 0, 0]);
        assert_eq!(
            narrow.wins_over(wide, "line 5", "line 3"),
            "line 5 names the path itself, line 3 narrows the path by 6 characters"
        );
        assert_eq!(
            wide.wins_over(wide, "line 9", "line 3"),
            "line 9 is as narrow as line 3, and the later one decides"
        );
    }
}
