{# Where the family name is printed first, so that "Kovács Anna" may be the "Anna Kovács" of another page. #}
{% set family_name_first = "('hu', 'ja', 'ko', 'vi', 'zh')" %}

with mentions as (
    select * from {{ ref('int_mentions') }}
),

credits as (
    select * from {{ ref('stg_credits') }}
    where is_latest and name is not null and function is not null
),

cast_members as (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null
),

printed_names as (
    select
        extraction_id,
        parent_pointer as pointer,
        name
    from credits
    where function <> 'composer'
    union all
    select
        extraction_id,
        parent_pointer as pointer,
        performer as name
    from cast_members
    union all
    select
        extraction_id,
        parent_pointer as pointer,
        replaces as name
    from cast_members
    where replaces is not null
),

parts as (
    select
        mentions.company_id,
        mentions.page_language,
        btrim(part.printed) as printed,
        {{ person_name('part.printed') }} as name
    from printed_names
    inner join mentions
        on printed_names.extraction_id = mentions.extraction_id and printed_names.pointer = mentions.pointer
    cross join lateral regexp_split_to_table(printed_names.name, {{ name_separator() }}) as part (printed)
),

counted as (
    select
        company_id,
        printed,
        name,
        {{ normalised('name') }} as name_key,
        bool_or(page_language in {{ family_name_first }}) as is_family_name_first,
        count(*) as occurrences
    from parts
    where name is not null
    group by company_id, printed, name
),

keyed as (
    select
        counted.*,
        (
            select string_agg(words.word, ' ' order by words.word collate "C")  -- noqa: RF03
            from regexp_split_to_table(counted.name_key, ' ') as words (word)
        ) as words_key
    from counted
    where counted.name_key <> ''
),

-- Word orders of one set of words are one person where one company prints both, or a page prints family names first.
word_orders as (
    select
        words_key,
        name_key,
        array_agg(distinct company_id) as company_ids,
        bool_or(is_family_name_first) as is_family_name_first,
        sum(occurrences) as occurrences
    from keyed
    group by words_key, name_key
),

same_people as (
    select distinct one.words_key
    from word_orders as one
    inner join word_orders as other
        on one.words_key = other.words_key and one.name_key collate "C" < other.name_key
    where one.is_family_name_first or other.is_family_name_first or one.company_ids && other.company_ids
),

canonical_keys as (
    select distinct on (word_orders.words_key)
        word_orders.words_key,
        word_orders.name_key
    from word_orders
    inner join same_people on word_orders.words_key = same_people.words_key
    order by
        word_orders.words_key,
        word_orders.is_family_name_first,
        word_orders.occurrences desc,
        word_orders.name_key collate "C"
),

resolved as (
    select
        keyed.printed,
        keyed.name,
        keyed.name_key,
        keyed.occurrences,
        coalesce(canonical_keys.name_key, keyed.name_key) as person_key
    from keyed
    left join canonical_keys on keyed.words_key = canonical_keys.words_key
),

-- The spelling shown: of the canonical word order, not in capitals, the most frequent.
spellings as (
    select distinct on (person_key)
        person_key,
        name
    from (
        select
            person_key,
            name,
            name_key = person_key as is_canonical,
            sum(occurrences) as occurrences
        from resolved
        group by person_key, name, name_key
    ) as spelled
    order by
        person_key, is_canonical desc, (name collate "C" !~ '[a-z]'), occurrences desc, name collate "C"
),

variants as (
    select
        person_key,
        count(distinct name_key) as name_keys_count,
        count(distinct printed) as printed_count
    from resolved
    group by person_key
),

identified as (
    select distinct
        resolved.printed,
        {{ key('performer', ['resolved.person_key']) }} as performer_id,
        resolved.person_key,
        spellings.name,
        case when variants.printed_count > 1 then 'normalised' else 'provisional' end as resolution,
        case when variants.name_keys_count > 1 then 0.80 else 0.90 end::numeric(3, 2) as resolution_score
    from resolved
    inner join spellings on resolved.person_key = spellings.person_key
    inner join variants on resolved.person_key = variants.person_key
)

select * from identified
