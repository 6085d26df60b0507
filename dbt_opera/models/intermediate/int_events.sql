{# What the words of a title, of its composer line or of its address say that an evening is instead of an opera. #}
with productions as (
    select * from {{ ref('stg_productions') }}
    where is_latest and genre is null
),

sources as (
    select * from {{ ref('int_sources') }}
),

event_words as (
    select
        {{ normalised('phrase') }} as phrase_key,
        genre
    from {{ ref('event_words') }}
),

genre_words as (
    select
        {{ normalised('word') }} as word_key,
        min(genre_class collate "C") as genre
    from {{ ref('genre_words') }}
    group by {{ normalised('word') }}
    having count(distinct genre_class) = 1
),

reference_titles as (
    select {{ normalised('title') }} as title_key from {{ ref('opera_works') }}
    union
    select {{ normalised('title_en') }} as title_key from {{ ref('opera_works') }}
    union
    select {{ normalised('alias') }} as title_key from {{ ref('opera_work_aliases') }}
),

printed as (
    select
        productions.extraction_id,
        productions.pointer,
        {{ normalised(without_brackets('coalesce(productions.opera_title, productions.production_title)')) }}
            as title_key,
        {{ normalised('productions.composer') }} as composer_key,
        regexp_replace(sources.url, '^[a-z]+://[^/]*/', '') as path
    from productions
    inner join sources on productions.extraction_id = sources.extraction_id
),

title_keys as (
    select distinct title_key from printed
    where title_key not in (select reference_titles.title_key from reference_titles)
),

-- Whole words, and the last part of a German compound: "Kostümwesen-Führung", "Neujahrskonzert".
titles as (
    select distinct on (title_keys.title_key)
        title_keys.title_key,
        event_words.genre
    from title_keys
    inner join event_words
        on
            ' ' || title_keys.title_key || ' ' like '% ' || event_words.phrase_key || ' %'
            or (
                length(event_words.phrase_key) >= 6
                and event_words.phrase_key !~ ' '
                and title_keys.title_key || ' ' like '%' || event_words.phrase_key || ' %'
            )
    order by
        title_keys.title_key,
        array_position(array['education', 'oratorio', 'ballet', 'concert', 'musical', 'play'], event_words.genre)
        nulls last,
        event_words.genre
),

composer_lines as (
    select distinct on (keys.composer_key)
        keys.composer_key,
        event_words.genre
    from (select distinct composer_key from printed) as keys
    inner join event_words
        on
            ' ' || keys.composer_key || ' ' like '% ' || event_words.phrase_key || ' %'
            or (
                length(event_words.phrase_key) >= 6
                and event_words.phrase_key !~ ' '
                and keys.composer_key || ' ' like '%' || event_words.phrase_key || ' %'
            )
    order by
        keys.composer_key,
        array_position(array['education', 'ballet', 'concert', 'musical', 'play'], event_words.genre) nulls last,
        event_words.genre
),

-- A section of the site, not the page's own name: /ballett/schwanensee.
sections as (
    select
        paths.path,
        min(genre_words.genre) as genre
    from (select distinct path from printed) as paths
    cross join lateral regexp_split_to_table(regexp_replace(paths.path, '/?[^/]*/?$', ''), '/') as section (name)
    inner join genre_words on {{ normalised('section.name') }} = genre_words.word_key
    where genre_words.genre in ('ballet', 'concert', 'musical', 'education', 'opera', 'operetta')
    group by paths.path
    having count(distinct genre_words.genre) = 1
),

decided as (
    select
        printed.extraction_id,
        printed.pointer,
        case sections.genre when 'opera' then null when 'operetta' then null else sections.genre end as section_genre,
        titles.genre as title_genre,
        composer_lines.genre as composer_genre,
        coalesce(sections.genre in ('opera', 'operetta'), false) as is_in_opera_section
    from printed
    left join titles on printed.title_key = titles.title_key
    left join composer_lines on printed.composer_key = composer_lines.composer_key
    left join sections on printed.path = sections.path
),

final as (
    select
        extraction_id,
        pointer,
        is_in_opera_section,
        coalesce(title_genre, composer_genre, section_genre) as genre,
        case
            when title_genre is not null then 'title'
            when composer_genre is not null then 'composer line'
            when section_genre is not null then 'section of the site'
        end as genre_basis
    from decided
)

select * from final
