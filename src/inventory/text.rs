//! Texts that are kept very often and are much the same: verbs, paths, ids, and what findings say.

use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use arcstr::ArcStr;
use foldhash::HashSet;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that many may have in common: a copy shares the letters. An account has very many, so that it is as small as a
/// pointer.
///
/// ```
/// use gatewatch::inventory::Text;
///
/// let path = Text::from(format!("/{}", "pets"));
/// assert_eq!(path, Text::from("/pets"));
/// assert!(path.clone().starts_with('/'));
/// assert_eq!(size_of::<Option<Text>>(), size_of::<usize>());
/// ```
#[derive(Clone, Default)]
pub struct Text(ArcStr);

impl Text {
    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text by itself.
    pub fn into_owned(self) -> String {
        String::from(self.as_str())
    }

    /// How many share the letters. `None`: they take no room.
    pub(crate) fn holders(&self) -> Option<usize> {
        ArcStr::strong_count(&self.0)
    }

    /// Whether the letters are the same, and not only equal.
    #[cfg(test)]
    pub(crate) fn is_shared_with(&self, other: &Text) -> bool {
        ArcStr::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Text(text.into())
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Text(text.as_ref().into())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.into_owned()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        if ArcStr::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        (**self).cmp(&**other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        **self == **other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        *self == **other
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Letters;
        impl Visitor<'_> for Letters {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(read(text))
            }
        }
        deserializer.deserialize_str(Letters)
    }
}

/// The texts that were read so far, each kept once.
#[derive(Debug, Default)]
pub(crate) struct Pool(HashSet<Text>);

impl Pool {
    /// The text of these letters, which it shares with all that were taken before.
    pub(crate) fn text(&mut self, letters: &str) -> Text {
        if let Some(known) = self.0.get(letters) {
            return known.clone();
        }
        let text = Text::from(letters);
        self.0.insert(text.clone());
        text
    }
}

thread_local! {
    /// What the texts of the file that this thread reads have in common: types that are read as they are declared have no
    /// other way to share.
    static OF_FILE: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

/// Reads a file whose texts share their letters.
pub(super) fn sharing<T>(read: impl FnOnce() -> T) -> T {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            OF_FILE.set(None);
        }
    }
    OF_FILE.set(Some(Pool::default()));
    let _end = End;
    read()
}

fn read(letters: &str) -> Text {
    OF_FILE.with_borrow_mut(|it| match it {
        Some(pool) => pool.text(letters),
        None => Text::from(letters),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_of_a_file_share_their_letters() {
        let list =
            || serde_json::from_str::<Vec<Text>>(r#"["/pets", "/pets", "/\u0070ets", "/a"]"#);
        let texts = sharing(list).unwrap();
        assert_eq!(texts, ["/pets", "/pets", "/pets", "/a"]);
        assert!(texts[0].is_shared_with(&texts[1]) && texts[0].is_shared_with(&texts[2]));
        // The pool is gone: the three are all that hold the letters.
        assert_eq!(texts[0].holders(), Some(3));
        assert!(!list().unwrap()[0].is_shared_with(&texts[0]));
    }

    #[test]
    fn a_text_is_told_from_what_is_none() {
        let error = serde_json::from_str::<Text>("7").unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid type: integer `7`, expected a string at line 1 column 1"
        );
    }
}
