{# A part of a name that more people share than this says little; pairs are looked for through the other parts. #}
{% set common_word = 60 %}
{# Where the family name is printed first, so that "Kovács Anna" may be the "Anna Kovács" of another page. #}
{% set family_name_first = "('hu', 'ja', 'ko', 'vi', 'zh')" %}
{# Two spellings that differ by one letter: shorter names differ by one letter and are two people. #}
{% set long_name = 11 %}
{# What sounds alike (see `folded`) is shorter than what is spelled alike. #}
{% set sounding_name = 8 %}

with names as (
    select * from {{ ref('int_names') }}
),

occurrences as (
    select * from {{ ref('int_name_occurrences') }}
),

given_names as materialized (
    select
        word,
        array_agg(distinct same_as) as classes
    from (
        select
            {{ folded('name_key') }} as word,
            same_as
        from (
            select
                {{ normalised('given_name') }} as name_key,
                same_as
            from {{ ref('given_names') }}
        ) as normal
    ) as folded
    group by word
),

decisions as (
    select
        least({{ normalised('left_key') }} collate "C", {{ normalised('right_key') }} collate "C") as left_key,
        greatest({{ normalised('left_key') }} collate "C", {{ normalised('right_key') }} collate "C") as right_key,
        min(decision) as decision
    from {{ ref('resolution_decisions') }}
    where entity = 'performers'
    group by 1, 2
    having count(distinct decision) = 1
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
        bool_or(names.name ~ '(^| )[[:upper:]]{2,}( |$)' and names.name ~ '[[:lower:]]') as has_marked_surname,
        bool_or(names.printed ~ ',' ) as has_inversion,
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
        {{ folded('hyphened_key') }} as hyphened_key
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
        folded_people.folded_key,
        regexp_replace({{ compact('folded_people.folded_key') }}, '(.)\1+', '\1', 'g') as letters,
        string_to_array(folded_people.folded_key, ' ') as words,
        (
            select string_agg(word.word, ' ' order by word.word collate "C")
            from regexp_split_to_table(folded_people.folded_key, ' ') as word (word)
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
    where length(word.word) >= 3
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

variants as materialized (
    select distinct
        spelled.name_key,
        letter.position,
        left(spelled.letters, letter.position - 1) || substr(spelled.letters, letter.position + 1) as variant
    from spelled
    cross join generate_series(1, length(spelled.letters)) as letter (position)
    where length(spelled.letters) >= {{ long_name }}
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
    inner join variants as other on one.variant = other.variant and one.name_key collate "C" < other.name_key collate "C"
    -- One letter more, another letter, or two neighbours exchanged.
    where coalesce(abs(one.position - other.position), 0) <= 1
),

near as materialized (
    select
        one.name_key as left_key,
        other.name_key as right_key
    from words as one
    inner join frequencies on one.word = frequencies.word and frequencies.names_count <= {{ common_word }}
    inner join words as other on one.word = other.word and one.name_key collate "C" < other.name_key collate "C"
    union
    select
        left_key,
        right_key
    from misspelled
    union
    select
        one.name_key as left_key,
        other.name_key as right_key
    from spelled as one
    inner join spelled as other
        on one.sorted_words = other.sorted_words and one.name_key collate "C" < other.name_key collate "C"
    union
    select
        left_key,
        right_key
    from decisions
),

compared as (
    select
        near.left_key,
        near.right_key,
        one.words as left_words,
        other.words as right_words,
        one.tokens as left_tokens,
        other.tokens as right_tokens,
        one.letters as left_letters,
        other.letters as right_letters,
        one.functions && other.functions as share_function,
        (one.functions && other.functions) and one.functions <> array['singer'] and other.functions <> array['singer']
            as share_craft,
        coalesce(one.role_keys && other.role_keys, false) as share_role,
        one.company_ids && other.company_ids as share_company,
        one.is_family_name_first or other.is_family_name_first as is_family_name_first,
        one.has_marked_surname or other.has_marked_surname or one.has_inversion or other.has_inversion as is_surname_known,
        coalesce(
            cardinality(one.voices) = 1 and cardinality(other.voices) = 1 and one.voices <> other.voices, false
        ) as is_contradicted,
        array(select unnest(one.words) except all select unnest(other.words) order by 1) as left_rest,
        array(select unnest(other.words) except all select unnest(one.words) order by 1) as right_rest,
        array(select unnest(one.tokens) except all select unnest(other.tokens) order by 1) as left_token_rest,
        array(select unnest(other.tokens) except all select unnest(one.tokens) order by 1) as right_token_rest,
        misspelled.left_key is not null as is_misspelled
    from near
    inner join spelled as one on near.left_key = one.name_key
    inner join spelled as other on near.right_key = other.name_key
    left join misspelled on near.left_key = misspelled.left_key and near.right_key = misspelled.right_key
),

-- Most pairs share one word of their names and are nobody's.
alike as materialized (
    select *
    from compared
    where
        left_letters = right_letters
        or is_misspelled
        or left_rest = '{}'
        or right_rest = '{}'
        or left_token_rest = '{}'
        or right_token_rest = '{}'
        or (
            cardinality(left_rest) = 1 and cardinality(right_rest) = 1
            and (
                length(left_rest[1]) = 1
                or length(right_rest[1]) = 1
                or exists (
                    select 1
                    from given_names as one
                    inner join given_names as other on one.classes && other.classes
                    where one.word = left_rest[1] and other.word = right_rest[1]
                )
            )
        )
),

described as (
    select
        alike.*,
        exists (
            select 1
            from given_names as one
            inner join given_names as other on one.classes && other.classes
            where one.word = alike.left_rest[1] and other.word = alike.right_rest[1]
        ) as is_same_given_name,
        exists (
            select 1 from first_words
            where first_words.word = alike.left_rest[1]
        ) as is_left_rest_given,
        exists (
            select 1 from first_words
            where first_words.word = alike.right_rest[1]
        ) as is_right_rest_given,
        (
            select count(*) from unnest(alike.left_words) as word (word)
            where exists (
                select 1 from first_words
                where first_words.word = word.word
            )
        ) as given_words_count,
        (
            select max(length(word.word)) from unnest(alike.left_words) as word (word)
        ) as longest_word,
        coalesce((
            select min(frequencies.names_count) from frequencies
            where frequencies.word = any(alike.left_rest || alike.right_rest)
        ), 1) as rest_count,
        coalesce((
            select min(frequencies.names_count) from frequencies
            where frequencies.word = any(alike.left_words) and frequencies.word = any(alike.right_words)
        ), 1000) as shared_count
    from alike
),

reasoned as (
    select
        described.*,
        case
            when left_letters = right_letters then 'spaces or alphabet'
            when left_rest = '{}' and right_rest = '{}' then 'word order'
            when
                (left_token_rest = '{}' or right_token_rest = '{}')
                and left_tokens[1] = right_tokens[1]
                and left_tokens[cardinality(left_tokens)] = right_tokens[cardinality(right_tokens)]
                then 'middle name'
            when
                left_tokens[1] = right_tokens[1]
                and left_tokens[cardinality(left_tokens)] = right_tokens[cardinality(right_tokens)]
                and cardinality(left_tokens) = 3 and cardinality(right_tokens) = 3
                and (
                    left_tokens[2] = left(right_tokens[2], 1)
                    or right_tokens[2] = left(left_tokens[2], 1)
                )
                then 'middle name'
            when
                (left_rest = '{}' or right_rest = '{}')
                and least(cardinality(left_words), cardinality(right_words)) >= 2
                and greatest(cardinality(left_words), cardinality(right_words)) = 3
                then 'part of a name'
            when
                cardinality(left_rest) = 1 and cardinality(right_rest) = 1
                and (
                    (length(left_rest[1]) = 1 and starts_with(right_rest[1], left_rest[1]))
                    or (length(right_rest[1]) = 1 and starts_with(left_rest[1], right_rest[1]))
                )
                then 'initial'
            when cardinality(left_rest) = 1 and cardinality(right_rest) = 1 and is_same_given_name then 'form of a given name'
            when
                least(length(left_letters), length(right_letters)) >= {{ long_name }}
                and abs(length(left_letters) - length(right_letters)) <= 1
                and is_misspelled
                then 'spelling'
        end as reason
    from described
),

-- One person for sure enough: the names differ as one name does, and nothing they do speaks against it.
judged as (
    select
        reasoned.*,
        case reasoned.reason
            when 'spaces or alphabet'
                then
                    case
                        when length(left_letters) >= {{ sounding_name }} or share_function and share_company then 0.95
                        else 0.60
                    end
            when 'word order'
                then
                    case
                        when is_family_name_first or share_company or is_surname_known or cardinality(left_words) > 2 then 0.90
                        when given_words_count = 1 and longest_word >= 5 then 0.85
                        when given_words_count < 2 and longest_word >= 7 and share_function then 0.80
                        else 0.50
                    end
            when 'middle name'
                then case when share_function or share_company then 0.85 else 0.50 end
            when 'part of a name'
                then case when share_craft and shared_count <= 3 then 0.80 when share_role then 0.60 else 0.40 end
            when 'initial'
                then case when share_craft and shared_count <= 3 then 0.80 else 0.40 end
            when 'form of a given name'
                then case when share_function and shared_count <= 4 then 0.80 else 0.40 end
            when 'spelling'
                then
                    case
                        when is_left_rest_given and is_right_rest_given then 0.30
                        -- "Alexander" and "Alexandra" Lewis, "Martin" and "Martina".
                        when
                            left_rest[1] <> right_rest[1]
                            and rtrim(left_rest[1], 'aoeis') = rtrim(right_rest[1], 'aoeis')
                            then 0.30
                        when left_rest[1] ~ 'er$' and right_rest[1] ~ 'ra$' or left_rest[1] ~ 'ra$' and right_rest[1] ~ 'er$'
                            then 0.30
                        when
                            share_function and rest_count = 1
                            and (share_craft or share_role or share_company or length(left_letters) >= 14)
                            then 0.80
                        else 0.50
                    end
        end::numeric(3, 2) as score
    from reasoned
    where reasoned.reason is not null
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
        coalesce(decision = 'same', score >= 0.80) as is_merged
    from decided
)

select * from final
