{# Where the family name is printed first, so that "Kovács Anna" may be the "Anna Kovács" of another page. #}
{% set family_name_first = "('hu', 'ja', 'ko', 'vi', 'zh')" %}
{# Two spellings that differ by one letter: shorter names differ by one letter and are two people. They are compared all
   the same, for somebody may know better. #}
{% set long_name = 11 %}
{% set compared_name = 9 %}
{# What sounds alike (see `folded`) is shorter than what is spelled alike. #}
{% set sounding_name = 8 %}
{# A word of so few names is a rare one: who shares it is likely one person. #}
{% set rare_word = 3 %}
{# As sure as merging asks for; what is less sure is a candidate. #}
{% set sure = 0.80 %}

with names as (
    select * from {{ ref('int_names') }}
),

occurrences as (
    select * from {{ ref('int_name_occurrences') }}
),

given_names as materialized (
    select distinct
        same_as,
        {{ folded('name_key') }} as word
    from (
        select
            same_as,
            {{ normalised('given_name') }} as name_key
        from {{ ref('given_names') }}
    ) as normal
),

particles as (
    select array_agg({{ normalised('word') }}) as words
    from {{ ref('name_words') }}
    where kind = 'particle'
),

decisions as (
    select
        left_key,
        right_key,
        decision
    from {{ ref('int_resolution_decisions') }}
    where entity = 'performers'
),

people as materialized (
    select
        names.name_key,
        array_agg(distinct occurrences.company_id) as company_ids,
        array_agg(distinct occurrences.function) as functions,
        array_agg(distinct occurrences.voice) filter (where occurrences.voice in ('high', 'low')) as voices,
        array_agg(distinct occurrences.role_key) filter (where occurrences.role_key <> '') as role_keys,
        bool_or(occurrences.page_language in {{ family_name_first }}) as is_family_name_first,
        -- "ONO Kazushi": capitals tell which word is the family name.
        bool_or((names.name ~ '(^| )[[:upper:]]{2,}( |$)' and names.name ~ '[[:lower:]]') or names.printed ~ ',')
            as is_surname_marked,
        min(names.name collate "C") as name
    from names
    inner join occurrences on names.printed = occurrences.printed
    where not names.is_ensemble
    group by names.name_key
),

folded_people as materialized (
    select
        name_key,
        {{ folded('name_key') }} as folded_key,
        {{ folded('hyphened_key') }} as hyphened_key,
        -- "Goebbel" is "Göbbel" for sure; what only sounds alike ("Meier", "Meyer") need not be one.
        regexp_replace({{ compact('name_key') }}, '([aou])e', '\1', 'g') as plain_letters
    from (
        select
            name_key,
            {{ normalised("regexp_replace(name, '[-‐‑]', '', 'g')") }} as hyphened_key
        from people
    ) as hyphened
),

spelled as materialized (
    select
        people.*,
        folded_people.plain_letters,
        people.name_key ~ '[^a-z0-9 ]' as is_of_another_alphabet,
        regexp_replace({{ compact('folded_people.folded_key') }}, '(.)\1+', '\1', 'g') as letters,
        string_to_array(folded_people.folded_key, ' ') as words,
        (
            select string_agg(word.word, ' ' order by word.word collate "C")  -- noqa: RF03
            from string_to_table(folded_people.folded_key, ' ') as word (word)
        ) as sorted_words,
        string_to_array(folded_people.hyphened_key, ' ') as tokens
    from people
    inner join folded_people on people.name_key = folded_people.name_key
),

words as materialized (
    select distinct
        spelled.name_key,
        word.word
    from spelled
    cross join unnest(spelled.words || spelled.tokens) as word (word)
),

frequencies as materialized (
    select
        word,
        count(*) as names_count
    from words
    group by word
),

-- Words with which names of several families begin.
first_words as materialized (
    select words[1] as word
    from spelled
    where cardinality(words) = 2
    group by words[1]
    having count(distinct words[2]) >= 3
    union
    select word from given_names
),

given_words as materialized (
    select
        words.name_key,
        array_agg(words.word) as words
    from words
    inner join first_words on words.word = first_words.word
    group by words.name_key
),

-- Pairs are looked for by what one name and another have in common, so that not every name meets every other:
-- all letters, all words, all letters but one, all words but one, the first and the last word.
variants as materialized (
    select distinct
        spelled.name_key,
        letter.position,
        left(spelled.letters, letter.position - 1) || substr(spelled.letters, letter.position + 1) as variant
    from spelled
    cross join generate_series(1, length(spelled.letters)) as letter (position)
    where length(spelled.letters) >= {{ compared_name }}
    union
    select
        name_key,
        null as position,
        letters as variant
    from spelled
),

misspelled as materialized (
    select distinct
        one.name_key as left_key,
        other.name_key as right_key
    from variants as one
    inner join variants as other
        on one.variant = other.variant and one.name_key collate "C" < other.name_key collate "C"
    -- One letter more, another letter, or two neighbours exchanged.
    where coalesce(abs(one.position - other.position), 0) <= 1
),

reduced as materialized (
    select
        spelled.name_key,
        cardinality(spelled.words) as words_count,
        dropped.word,
        (
            select string_agg(kept.word, ' ' order by kept.word collate "C")
            from unnest(spelled.words) with ordinality as kept (word, position)
            where kept.position <> dropped.position
        ) as rest
    from spelled
    cross join unnest(spelled.words) with ordinality as dropped (word, position)
    where cardinality(spelled.words) between 2 and 5
),

by_given_name as materialized (
    select distinct
        one.name_key as one_key,
        other.name_key as other_key
    from reduced as one
    inner join given_names as one_name on one.word = one_name.word
    inner join given_names as other_name on one_name.same_as = other_name.same_as
    inner join reduced as other on one.rest = other.rest and other_name.word = other.word
),

found as (
    select
        left_key as one_key,
        right_key as other_key
    from misspelled
    union all
    select
        left_key as one_key,
        right_key as other_key
    from decisions
    union all
    select
        one.name_key as one_key,
        other.name_key as other_key
    from spelled as one
    inner join spelled as other on one.sorted_words = other.sorted_words
    union all
    select
        one.name_key as one_key,
        other.name_key as other_key
    from reduced as one
    inner join spelled as other on one.rest = other.sorted_words
    where one.words_count = 3
    union all
    select
        one.name_key as one_key,
        other.name_key as other_key
    from reduced as one
    inner join reduced as other on one.rest = other.rest and left(one.word, 1) = left(other.word, 1)
    where length(one.word) = 1
    union all
    -- "J. M. Krane" and "Johann Martin Krane".
    select
        one.name_key as one_key,
        other.name_key as other_key
    from spelled as one
    inner join spelled as other
        on
            one.words[cardinality(one.words)] = other.words[cardinality(other.words)]
            and one.words[1] = left(other.words[1], 1)
    where length(one.words[1]) = 1 and cardinality(one.words) = cardinality(other.words)
    union all
    -- "Tom Rook" and "Tommaso Rook".
    select
        one.name_key as one_key,
        other.name_key as other_key
    from reduced as one
    inner join reduced as other on one.rest = other.rest and left(one.word, 3) = left(other.word, 3)
    where length(one.word) between 3 and 5 and length(other.word) > length(one.word)
    union all
    select
        one_key,
        other_key
    from by_given_name
    union all
    select
        one.name_key as one_key,
        other.name_key as other_key
    from spelled as one
    inner join spelled as other
        on
            one.tokens[1] = other.tokens[1]
            and one.tokens[cardinality(one.tokens)] = other.tokens[cardinality(other.tokens)]
    where cardinality(one.tokens) > 2 and cardinality(other.tokens) > 1
),

near as materialized (
    select distinct
        least(one_key collate "C", other_key collate "C") as left_key,
        greatest(one_key collate "C", other_key collate "C") as right_key
    from found
    where one_key <> other_key
),

compared as materialized (
    select
        near.left_key,
        near.right_key,
        one.words as left_words,
        other.words as right_words,
        one.tokens as left_tokens,
        other.tokens as right_tokens,
        one.letters as left_letters,
        other.letters as right_letters,
        one.is_of_another_alphabet <> other.is_of_another_alphabet
        or one.plain_letters = other.plain_letters as is_transcribed,
        one.functions && other.functions as share_function,
        (one.functions && other.functions) and one.functions <> array['singer'] and other.functions <> array['singer']
            as share_craft,
        coalesce(one.role_keys && other.role_keys, false) as share_role,
        one.company_ids && other.company_ids as share_company,
        one.is_family_name_first or other.is_family_name_first or one.is_surname_marked or other.is_surname_marked
            as is_surname_known,
        coalesce(
            cardinality(one.voices) = 1 and cardinality(other.voices) = 1 and one.voices <> other.voices, false
        ) as is_contradicted,
        {{ elements_beyond('one.words', 'other.words') }} as left_rest,
        {{ elements_beyond('other.words', 'one.words') }} as right_rest,
        {{ elements_beyond('one.tokens', 'other.tokens') }} as left_token_rest,
        {{ elements_beyond('other.tokens', 'one.tokens') }} as right_token_rest,
        coalesce(one_given.words, '{}') as left_given_words,
        coalesce(other_given.words, '{}') as right_given_words,
        misspelled.left_key is not null as is_misspelled,
        by_given_name.one_key is not null as is_same_given_name
    from near
    inner join spelled as one on near.left_key = one.name_key
    inner join spelled as other on near.right_key = other.name_key
    left join given_words as one_given on near.left_key = one_given.name_key
    left join given_words as other_given on near.right_key = other_given.name_key
    left join misspelled on near.left_key = misspelled.left_key and near.right_key = misspelled.right_key
    left join by_given_name on near.left_key = by_given_name.one_key and near.right_key = by_given_name.other_key
),

reasoned as materialized (
    select
        *,
        case
            when left_letters = right_letters then 'spaces or alphabet'
            when left_rest = '{}' and right_rest = '{}' then 'word order'
            when
                (left_rest || right_rest) <@ (select particles.words from particles)
                and (left_rest = '{}' or right_rest = '{}')
                then 'particle'
            when
                left_tokens[1] = right_tokens[1]
                and left_tokens[cardinality(left_tokens)] = right_tokens[cardinality(right_tokens)]
                and (
                    left_token_rest = '{}'
                    or right_token_rest = '{}'
                    or (
                        cardinality(left_tokens) = 3 and cardinality(right_tokens) = 3
                        and (
                            left_tokens[2] = left(right_tokens[2], 1)
                            or right_tokens[2] = left(left_tokens[2], 1)
                        )
                    )
                )
                then 'middle name'
            when
                (left_rest = '{}' or right_rest = '{}')
                and least(cardinality(left_words), cardinality(right_words)) = 2
                and greatest(cardinality(left_words), cardinality(right_words)) = 3
                then 'part of a name'
            when
                cardinality(left_rest) = 1 and cardinality(right_rest) = 1
                and (
                    (length(left_rest[1]) = 1 and starts_with(right_rest[1], left_rest[1]))
                    or (length(right_rest[1]) = 1 and starts_with(left_rest[1], right_rest[1]))
                )
                then 'initial'
            when
                cardinality(left_words) = cardinality(right_words)
                and cardinality(left_words) > 2
                and left_words[cardinality(left_words)] = right_words[cardinality(right_words)]
                and not exists (
                    select 1
                    from unnest(left_words, right_words) as word (one, other)
                    where
                        not (length(word.one) = 1 and starts_with(word.other, word.one))
                        and not (length(word.other) = 1 and starts_with(word.one, word.other))
                        and word.one <> word.other
                )
                then 'initial'
            when is_same_given_name then 'form of a given name'
            when is_misspelled then 'spelling'
            when
                cardinality(left_rest) = 1 and cardinality(right_rest) = 1
                and least(length(left_rest[1]), length(right_rest[1])) >= 3
                and (starts_with(left_rest[1], right_rest[1]) or starts_with(right_rest[1], left_rest[1]))
                then 'shortened given name'
        end as reason
    from compared
),

-- How rare are the words that both have, and those that one has?
rarities as (
    select
        reasoned.left_key,
        reasoned.right_key,
        min(frequencies.names_count)
        filter (where word.word = any(reasoned.left_words) and word.word = any(reasoned.right_words)) as shared_count,
        min(frequencies.names_count)
        filter (where word.word = any(reasoned.left_rest || reasoned.right_rest)) as rest_count
    from reasoned
    cross join unnest(reasoned.left_words || reasoned.right_words) as word (word)
    inner join frequencies on word.word = frequencies.word
    where reasoned.reason is not null and length(word.word) >= 3
    group by reasoned.left_key, reasoned.right_key
),

-- Of two names the one with fewer letters says less, and may be short for several.
shortened as (
    select
        reasoned.*,
        coalesce(rarities.shared_count, 1000) as shared_count,
        coalesce(rarities.rest_count, 1) as rest_count,
        case
            when length(reasoned.left_letters) <= length(reasoned.right_letters) then reasoned.left_key
            else reasoned.right_key
        end as short_key,
        cardinality(reasoned.left_words)
        - cardinality({{ elements_beyond('reasoned.left_words', 'reasoned.left_given_words') }}) as given_words_count,
        (select max(length(word.word)) from unnest(reasoned.left_words) as word (word)) as longest_word
    from reasoned
    left join rarities on reasoned.left_key = rarities.left_key and reasoned.right_key = rarities.right_key
    where reasoned.reason is not null
),

counted as (
    select
        *,
        count(*) over (partition by reason, short_key) as namesakes_count
    from shortened
),

-- One person for sure enough: the names differ as one name does, what both do agrees, and nobody else may be meant.
judged as (
    select
        *,
        case reason
            when 'spaces or alphabet'
                then
                    case
                        when length(left_letters) < {{ sounding_name }} and not (share_function and share_company)
                            then 0.60
                        when is_transcribed then 0.95
                        when share_company and share_function then 0.90
                        when share_craft or share_role then 0.85
                        when share_function and shared_count <= {{ rare_word }} then 0.80
                        else 0.60
                    end
            when 'word order'
                then
                    case
                        when is_surname_known or cardinality(left_words) > 2 or (share_company and share_function)
                            then 0.90
                        when given_words_count = 1 and longest_word >= 5 then 0.85
                        when given_words_count < 2 and (share_craft or share_role) then 0.85
                        when given_words_count < 2 and longest_word >= 7 and share_function then 0.80
                        else 0.50
                    end
            when 'particle'
                then case when share_function and namesakes_count = 1 then 0.85 else 0.50 end
            when 'middle name'
                then
                    case
                        when namesakes_count > 1 and not share_role and not share_company then 0.50
                        when share_craft or share_role or (share_function and share_company) then 0.85
                        when (share_function or share_company) and shared_count <= {{ rare_word }} then 0.80
                        else 0.50
                    end
            when 'part of a name'
                then
                    case
                        when share_craft and shared_count <= {{ rare_word }} and namesakes_count = 1 then 0.80
                        when share_role then 0.60
                        else 0.40
                    end
            when 'initial'
                then
                    case
                        when share_craft and shared_count <= {{ rare_word }} and namesakes_count = 1 then 0.80
                        else 0.40
                    end
            when 'form of a given name'
                then
                    case
                        when not share_function or shared_count > {{ rare_word }} + 1 then 0.40
                        when
                            share_craft
                            or share_role
                            or is_misspelled
                            or starts_with(left_rest[1], right_rest[1])
                            or starts_with(right_rest[1], left_rest[1])
                            then 0.80
                        else 0.60
                    end
            when 'shortened given name'
                then case when share_function and shared_count <= {{ rare_word }} then 0.60 else 0.30 end
            when 'spelling'
                then
                    case
                        when left_rest[1] = any(left_given_words) and right_rest[1] = any(right_given_words) then 0.30
                        -- "Alexander" and "Alexandra" Lewis, "Martin" and "Martina".
                        when
                            left_rest[1] <> right_rest[1]
                            and rtrim(left_rest[1], 'aoeis') = rtrim(right_rest[1], 'aoeis')
                            then 0.30
                        when
                            (left_rest[1] ~ 'er$' and right_rest[1] ~ 'ra$')
                            or (left_rest[1] ~ 'ra$' and right_rest[1] ~ 'er$')
                            then 0.30
                        -- "Fassi" and "Massi": an error is seldom made where a word begins.
                        when left(left_rest[1], 1) <> left(right_rest[1], 1) then 0.40
                        when least(length(left_letters), length(right_letters)) < {{ long_name }} then 0.40
                        when
                            rest_count = 1
                            and (share_craft or share_role or (share_function and length(left_letters) >= 14))
                            then 0.80
                        when rest_count = 1 and share_function and share_company then 0.70
                        else 0.50
                    end
        end::numeric(3, 2) as score
    from counted
),

decided as (
    select
        judged.left_key,
        judged.right_key,
        judged.reason,
        case when judged.is_contradicted then least(judged.score, 0.30) else judged.score end as score,
        concat_ws(
            ', ',
            case when judged.share_function then 'same function' end,
            case when judged.share_role then 'same role' end,
            case when judged.share_company then 'same company' end,
            case when judged.is_contradicted then 'other voice' end
        ) as evidence,
        decisions.decision
    from judged
    left join decisions on judged.left_key = decisions.left_key and judged.right_key = decisions.right_key
    union all
    select
        decisions.left_key,
        decisions.right_key,
        'decision' as reason,
        1.00 as score,
        '' as evidence,
        decisions.decision
    from decisions
    inner join spelled as one on decisions.left_key = one.name_key
    inner join spelled as other on decisions.right_key = other.name_key
    where
        not exists (
            select 1 from judged
            where judged.left_key = decisions.left_key and judged.right_key = decisions.right_key
        )
),

final as (
    select
        left_key,
        right_key,
        reason,
        score,
        evidence,
        decision,
        coalesce(decision = 'same', score >= {{ sure }}) as is_merged
    from decided
)

select * from final
