//! What an answer gives.

/// An id or a name, where the answer has one. The SDK reads one that should be there and is missing as an empty
/// text.
pub(in crate::aws) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
