//! The requests that one method answers, as a template of their ARNs.

/// The requests of one method: every ARN that a call of it can have.
///
/// `{petId}` stands for one or more characters without `/`, `{proxy+}` for one or more characters, the
/// verb `ANY` for each verb.
///
/// Source: [ARN format of execute-api](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html).
///
/// ```
/// use gatewatch::iam::Template;
///
/// let pet = Template::read("arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/{petId}").unwrap();
/// let place = ["aws", "eu-west-1", "111122223333"];
/// assert_eq!(pet, Template::of_method(place, ["a1b2c3d4e5", "prod"], &["GET"], "/pets/{petId}"));
///
/// let error = Template::read("GET /pets/{petId}").unwrap_err();
/// assert!(error.to_string().starts_with("`GET /pets/{petId}` is no template"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// `arn`, the partition, the service, the Region and the account.
    pub(in crate::iam) head: [String; 5],
    /// The API's id.
    pub(in crate::iam) api: String,
    /// The last part of the ARN, once for each verb.
    pub(in crate::iam) verbs: Vec<Vec<Piece>>,
}

/// One piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::iam) enum Piece {
    /// This character.
    Letter(char),
    /// One or more characters without `/`.
    Parameter,
    /// One or more characters.
    Greedy,
}

impl Piece {
    /// Whether it stands for one character or more.
    pub(in crate::iam) fn is_many(self) -> bool {
        !matches!(self, Piece::Letter(_))
    }
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no template: they look like arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/pets/{{petId}}"
)]
pub struct NoTemplate(String);

impl Template {
    /// The verbs that an `ANY` method answers.
    pub const VERBS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

    /// Reads a template from an ARN whose path has parameters in braces.
    ///
    /// # Errors
    /// For a text without the six parts of an ARN.
    pub fn read(arn: &str) -> Result<Self, NoTemplate> {
        let mut parts = arn.splitn(6, ':').map(str::to_owned);
        let mut part = || parts.next().ok_or_else(|| NoTemplate(arn.to_owned()));
        let head = [part()?, part()?, part()?, part()?, part()?];
        let last = part()?;
        if head.first().is_none_or(|it| it != "arn") {
            return Err(NoTemplate(arn.to_owned()));
        }
        let segments: Vec<&str> = last.splitn(4, '/').collect();
        let (api, verbs) = match segments.as_slice() {
            [api, stage, "ANY", path] => (
                *api,
                Self::VERBS
                    .iter()
                    .map(|verb| pieces(&format!("{api}/{stage}/{verb}/"), path))
                    .collect(),
            ),
            [api, stage, verb, path] => {
                (*api, vec![pieces(&format!("{api}/{stage}/{verb}/"), path)])
            }
            [api, ..] => (*api, vec![last.chars().map(Piece::Letter).collect()]),
            [] => return Err(NoTemplate(arn.to_owned())),
        };
        Ok(Template {
            api: api.to_owned(),
            head,
            verbs,
        })
    }

    /// The template of a method of an API.
    ///
    /// `verbs` are those that the method answers: of an `ANY` method, those without one of their own.
    pub fn of_method(
        [partition, region, account]: [&str; 3],
        [api, stage]: [&str; 2],
        verbs: &[&str],
        path: &str,
    ) -> Self {
        let of_verb = |verb: &&str| pieces(&format!("{api}/{stage}/{verb}"), path);
        Template {
            head: ["arn", partition, "execute-api", region, account].map(str::to_owned),
            api: api.to_owned(),
            verbs: verbs.iter().map(of_verb).collect(),
        }
    }

    /// All requests of a stage, whatever their verb and path.
    pub fn of_stage([partition, region, account]: [&str; 3], [api, stage]: [&str; 2]) -> Self {
        let before = format!("{api}/{stage}/");
        let letters = before.chars().map(Piece::Letter);
        Template {
            head: ["arn", partition, "execute-api", region, account].map(str::to_owned),
            api: api.to_owned(),
            verbs: vec![letters.chain([Piece::Greedy]).collect()],
        }
    }

    /// The template of a WebSocket API's route.
    pub fn of_route(
        [partition, region, account]: [&str; 3],
        [api, stage]: [&str; 2],
        route_key: &str,
    ) -> Self {
        let last = format!("{api}/{stage}/{route_key}");
        Template {
            head: ["arn", partition, "execute-api", region, account].map(str::to_owned),
            api: api.to_owned(),
            verbs: vec![last.chars().map(Piece::Letter).collect()],
        }
    }

    /// The letters of the API and the stage, with the slash behind them: the same for every verb.
    pub(in crate::iam) fn before_verb(&self) -> &[Piece] {
        let first = self.verbs.first().map_or(&[][..], Vec::as_slice);
        let (before, _) = first.split_at(behind_slash(first, 2));
        before
    }

    /// How the ARNs of all requests begin: up to the slash behind the stage.
    pub(in crate::iam) fn begin(&self) -> String {
        let letters = self.before_verb().iter().map_while(|piece| match piece {
            Piece::Letter(letter) => Some(*letter),
            Piece::Parameter | Piece::Greedy => None,
        });
        self.arn(&letters.collect::<String>())
    }

    /// Where the path begins in the pieces of a verb: behind the slash behind the verb.
    pub(in crate::iam) fn path_begins(verb: &[Piece]) -> usize {
        behind_slash(verb, 3)
    }

    /// The last part of one request of each verb.
    pub(in crate::iam) fn lasts(&self) -> impl Iterator<Item = String> {
        self.verbs.iter().map(|verb| {
            let letters = verb.iter().map(|piece| match piece {
                Piece::Letter(letter) => *letter,
                Piece::Parameter | Piece::Greedy => 'x',
            });
            letters.collect()
        })
    }

    /// The API's id.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// A whole ARN with this last part.
    pub(in crate::iam) fn arn(&self, last: &str) -> String {
        format!("{}:{last}", self.head.join(":"))
    }
}

/// The place behind so many slashes, or 0 where there are fewer before the first parameter.
fn behind_slash(pieces: &[Piece], slashes: usize) -> usize {
    let letters = pieces
        .iter()
        .take_while(|piece| matches!(piece, Piece::Letter(_)));
    let mut found = letters
        .enumerate()
        .filter(|(_, piece)| **piece == Piece::Letter('/'));
    found.nth(slashes - 1).map_or(0, |(at, _)| at + 1)
}

fn pieces(before: &str, path: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = before.chars().map(Piece::Letter).collect();
    let mut path = path;
    while let Some((before, rest)) = path.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else {
            break;
        };
        pieces.extend(before.chars().map(Piece::Letter));
        pieces.push(if name.ends_with('+') {
            Piece::Greedy
        } else {
            Piece::Parameter
        });
        path = after;
    }
    pieces.extend(path.chars().map(Piece::Letter));
    pieces
}
