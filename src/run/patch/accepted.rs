//! Which changes hold: those after which the files, read and judged again, differ in nothing else.

/// So often the files are read again at most.
const MOST: usize = 300;

/// Changes by their numbers: those that hold, and why each of the others does not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) holds: Vec<usize>,
    pub(super) refused: Vec<(usize, String)>,
}

/// Takes as many changes as hold together, by their numbers. `try_all` looks whether some do, and says what stands against them.
///
/// All are tried at once; where something stands against that, each half by itself, beside what holds already.
pub(super) fn accepted<E>(
    count: usize,
    mut try_all: impl FnMut(&[usize]) -> Result<Result<(), String>, E>,
) -> Result<Accepted, E> {
    let mut holds: Vec<usize> = Vec::new();
    let mut refused = Vec::new();
    let mut waiting: Vec<Vec<usize>> = vec![(0..count).collect()];
    let mut tries = 0;
    while let Some(some) = waiting.pop() {
        if some.is_empty() {
            continue;
        }
        if tries == MOST {
            let why = format!(
                "too many changes do not hold together: the files were read again {MOST} times"
            );
            refused.extend(some.into_iter().map(|it| (it, why.clone())));
            continue;
        }
        tries += 1;
        let mut all = holds.clone();
        all.extend(&some);
        all.sort_unstable();
        match try_all(&all)? {
            Ok(()) => holds = all,
            Err(why) => match some.as_slice() {
                [one] => refused.push((*one, why)),
                _ => {
                    let (one, other) = some.split_at(some.len() / 2);
                    waiting.push(other.to_vec());
                    waiting.push(one.to_vec());
                }
            },
        }
    }
    Ok(Accepted { holds, refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_do_not_hold_are_found_and_the_others_are_taken() {
        let bad = [3, 7, 8];
        let mut tried = 0;
        let found = accepted::<()>(10, |some| {
            tried += 1;
            Ok(match some.iter().find(|it| bad.contains(it)) {
                Some(it) => Err(format!("{it} is bad")),
                None => Ok(()),
            })
        });
        let Accepted { holds, refused } = found.unwrap();
        assert_eq!(holds, [0, 1, 2, 4, 5, 6, 9]);
        let refused: Vec<usize> = refused.into_iter().map(|(it, _)| it).collect();
        assert_eq!(refused, bad);
        assert!(tried < 20, "{tried}");
    }

    #[test]
    fn two_that_exclude_each_other_leave_one() {
        let both = |some: &[usize]| match some.len() {
            2 => Err("not together".to_owned()),
            _ => Ok(()),
        };
        let Accepted { holds, refused } = accepted::<()>(2, |some| Ok(both(some))).unwrap();
        assert_eq!(holds, [0]);
        assert_eq!(refused, [(1, "not together".to_owned())]);
    }

    #[test]
    fn a_check_that_fails_ends_it_and_there_is_an_end() {
        assert_eq!(accepted(1, |_| Err("gone")), Err("gone"));
        let Accepted { holds, refused } =
            accepted::<()>(2_000, |_| Ok(Err("no".to_owned()))).unwrap();
        assert!(holds.is_empty());
        assert_eq!(refused.len(), 2_000);
    }
}
