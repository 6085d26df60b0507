with mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('stg_works') }}
    where is_latest
),

tags as (
    select
        {{ normalised('phrase') }} as tag_key,
        kind
    from {{ ref('title_tags') }}
),

-- What a subtitle may say of the work itself: what it is, of how many acts, by whom; another title; a number.
plain_words as materialized (
    select
        '(^| )(' || string_agg(distinct word_key, '|') || '|ossia|ovvero|oder|or|ou|oppure|o|[0-9]+'
        || '|op|kv|bwv|hwv|ed|edizione|regia|inszenierung|directed|dir|mise|von|by|di|de|von'
        || '|akte|akten|act|acts|acte|actes|atto|atti|acto|actos|aufzug|aufzugen|aufzuge|teil|teile|teilen'
        || '|prolog|prologue|prologo'
        || '|tableaux|bildern|quadri|handlung|musik|music|musique|musica)( |$)' as pattern
    from (
        select {{ normalised('word') }} as word_key
        from {{ ref('genre_words') }}
        union
        select {{ normalised('phrase') }} as word_key
        from {{ ref('title_tags') }}
        where kind = 'label'
    ) as words
    where word_key <> ''
),

tag_patterns as (
    select
        '( (' || string_agg(tag_key, '|' order by length(tag_key) desc, tag_key collate "C") || '))+$' as any_tag,
        ' (' || string_agg(tag_key, '|' order by length(tag_key) desc, tag_key collate "C")
        filter (where kind in ('adaptation', 'form')) || ')( |$)' as adaptation,
        ' (' || string_agg(tag_key, '|' order by length(tag_key) desc, tag_key collate "C")
        filter (where kind = 'form') || ')( |$)' as form
    from tags
),

titles as (
    select opera_title as title from mentions
    union all
    select production_title as title from mentions
    union all
    select title from works
),

composer_names as materialized (
    select
        composer_id as reference_id,
        {{ normalised('alias') }} as alias_key
    from {{ ref('composer_aliases') }}
    where kind in ('canonical', 'variant')
),

printed as (
    select distinct part.printed
    from titles
    cross join
        lateral (  -- noqa: ST05
            select titles.title as printed
            union all
            select regexp_split_to_table(titles.title, separator.pattern) as printed
            from unnest(array{{ bill_separators() }}) as separator (pattern)
        ) as part
    where part.printed <> ''
),

decoded as (
    select
        printed,
        {{ without_entities('printed') }} as title
    from printed
),

keyed as materialized (
    select
        printed,
        {{ normalised('title') }} as title_key,
        {{ normalised("regexp_replace(title, '[(\\[][^)\\]]*[)\\]]', ' ', 'g')") }} as unbracketed_key,
        {{ normalised("regexp_replace(title, '^(.+), (\\S{1,4})$', '\\2 \\1')") }} as inverted_key,
        {{ normalised(before_subtitle('title')) }} as before_subtitle_key,
        {{ normalised(subtitle(without_brackets('title'))) }} as subtitle_key,
        {{ normalised("substring(title from '[(\\[]([^)\\]]+)[)\\]]')") }} as bracketed_key,
        -- "tutt*e": a star, a colon or an apostrophe inside a word.
        {{ normalised("regexp_replace(title, '(\\w)[*:’''](\\w)', '\\1\\2', 'g')") }} as joined_key,
        {{ normalised(without_form('title')) }}
            as bare_key
    from decoded
),

-- "LE NOZZE DI FIGARO di Wolfgang Amadeus Mozart", "Giacomo Puccini - Manon Lescaut".
signed as (
    select
        keyed.printed,
        min(composer_names.reference_id collate "C") as composer_reference_id,
        min(
            btrim(regexp_replace(
                replace(' ' || keyed.title_key || ' ', ' ' || composer_names.alias_key || ' ', ' '),
                ' (di|de|von|by|of|van|s) +$', ''
            )) collate "C"
        ) as unsigned_key
    from keyed
    cross join {{ spans('keyed.title_key') }} as spans
    inner join composer_names on spans.span = composer_names.alias_key and keyed.title_key <> spans.span
    group by keyed.printed
    having count(distinct composer_names.reference_id) = 1
),

tagged as (
    select
        keyed.*,
        ' ' || keyed.title_key ~ tag_patterns.adaptation as is_adaptation,
        coalesce(keyed.subtitle_key ~ '[[:alpha:]]{3}' and keyed.subtitle_key !~ plain_words.pattern, false)
        and signed.printed is null as has_own_subtitle,
        keyed.title_key ~ '^(after|nach|frei nach|d apres|based on|inspired by|tratto da|liberamente tratto da) '
            as is_after_another,
        btrim(regexp_replace(' ' || keyed.unbracketed_key, tag_patterns.any_tag, '')) as untagged_key,
        btrim(substring(' ' || keyed.title_key from tag_patterns.form)) as form,
        signed.composer_reference_id,
        signed.unsigned_key
    from keyed
    left join signed on keyed.printed = signed.printed
    cross join tag_patterns
    cross join plain_words
),

titled as (
    select
        printed,
        coalesce(nullif(untagged_key, ''), title_key) as title_key,
        coalesce(is_adaptation, false) as is_adaptation,
        has_own_subtitle,
        is_after_another,
        form,
        title_key as whole_key,
        untagged_key,
        inverted_key,
        joined_key,
        unsigned_key,
        bare_key,
        before_subtitle_key,
        subtitle_key,
        bracketed_key,
        composer_reference_id
    from tagged
)

select * from titled
