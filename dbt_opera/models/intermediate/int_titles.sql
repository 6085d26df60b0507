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

tag_patterns as (
    select
        '( (' || string_agg(tag_key, '|' order by length(tag_key) desc, tag_key collate "C") || '))+$' as any_tag,
        ' (' || string_agg(tag_key, '|' order by length(tag_key) desc, tag_key collate "C")
        filter (where kind = 'adaptation') || ')( |$)' as adaptation
    from tags
),

titles as (
    select opera_title as title from mentions
    union all
    select production_title as title from mentions
    union all
    select title from works
),

printed as (
    select distinct part.printed
    from titles
    cross join
        lateral (  -- noqa: ST05
            select titles.title as printed
            union all
            select regexp_split_to_table(titles.title, {{ bill_separator() }}) as printed
        ) as part
    where part.printed <> ''
),

keyed as (
    select
        printed,
        {{ normalised('printed') }} as title_key,
        {{ normalised("regexp_replace(printed, '[(\\[][^)\\]]*[)\\]]', ' ', 'g')") }} as unbracketed_key,
        {{ normalised("regexp_replace(printed, '^(.+), (\\S{1,4})$', '\\2 \\1')") }} as inverted_key,
        {{ normalised("regexp_replace(printed, '\\s+[–—-]\\s.*$|[:;(\\[].*$|,\\s.*$', '')") }} as before_subtitle_key
    from printed
),

tagged as (
    select
        keyed.*,
        ' ' || keyed.title_key ~ tag_patterns.adaptation as is_adaptation,
        btrim(regexp_replace(' ' || keyed.unbracketed_key, tag_patterns.any_tag, '')) as untagged_key
    from keyed
    cross join tag_patterns
),

titled as (
    select
        printed,
        coalesce(nullif(untagged_key, ''), title_key) as title_key,
        coalesce(is_adaptation, false) as is_adaptation,
        title_key as whole_key,
        untagged_key,
        inverted_key,
        before_subtitle_key
    from tagged
)

select * from titled
