with mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('stg_works') }}
    where is_latest
),

credits as (
    select * from {{ ref('stg_credits') }}
    where is_latest and function = 'composer'
),

reference_aliases as (
    select
        composer_id as reference_id,
        alias
    from {{ ref('composer_aliases') }}
    union all
    select
        composer_id as reference_id,
        name as alias
    from {{ ref('composers') }}
),

composers as (
    select * from {{ ref('composers') }}
),

aliases as (
    select
        {{ normalised('alias') }} as alias_key,
        min(reference_id collate "C") as reference_id
    from reference_aliases
    group by {{ normalised('alias') }}
    having count(distinct reference_id) = 1
),

names as (
    select composer from mentions
    union all
    select composer from works
    union all
    select name as composer from credits
),

-- Bills name one composer per work: "Mascagni / Leoncavallo".
printed as (
    select distinct part.printed
    from names
    cross join
        lateral (  -- noqa: ST05
            select names.composer as printed
            union all
            select regexp_split_to_table(names.composer, '\s*[/|&+]\s*') as printed
        ) as part
    where part.printed <> ''
),

keyed as (
    select
        printed,
        btrim(regexp_replace(
            {{ normalised('printed') }},
            '^(music by|musik von|musique de|musica di|von|by) |(^| )[0-9]+(?= |$)', '', 'g'
        )) as stripped_key,
        {{ normalised('printed') }} as whole_key
    from printed
),

exact as (
    select
        keyed.printed,
        keyed.whole_key,
        keyed.stripped_key,
        coalesce(by_whole.reference_id, by_stripped.reference_id) as reference_id
    from keyed
    left join aliases as by_whole on keyed.whole_key = by_whole.alias_key
    left join aliases as by_stripped on keyed.stripped_key = by_stripped.alias_key
),

-- Prose around a name: exactly one full name of the reference stands in it.
contained as (
    select
        exact.printed,
        min(aliases.reference_id collate "C") as reference_id
    from exact
    inner join aliases
        on
            aliases.alias_key like '% %'
            and ' ' || exact.whole_key || ' ' like '% ' || aliases.alias_key || ' %'
    where exact.reference_id is null
    group by exact.printed
    having count(distinct aliases.reference_id) = 1
),

resolved as (
    select
        exact.printed,
        exact.stripped_key,
        coalesce(exact.reference_id, contained.reference_id) as reference_id,
        composers.name as reference_name,
        case
            when exact.reference_id is not null and exact.whole_key = {{ normalised('composers.name') }}
                then 'reference'
            when exact.reference_id is not null then 'alias'
            when contained.reference_id is not null then 'normalised'
            else 'provisional'
        end as resolution
    from exact
    left join contained on exact.printed = contained.printed
    left join composers on coalesce(exact.reference_id, contained.reference_id) = composers.composer_id
),

-- A sentence is no name: more than six words or a digit say nothing about who composed.
identified as (
    select
        printed,
        reference_id,
        resolution,
        coalesce(reference_name, printed) as composer,
        case
            when resolution in ('reference', 'alias') then 1.00
            when resolution = 'normalised' then 0.80
            else 0.50
        end::numeric(3, 2) as resolution_score,
        case
            when reference_id is not null then {{ key('composer', ['reference_id']) }}
            else {{ key('composer_name', ['stripped_key']) }}
        end as composer_id
    from resolved
    where
        reference_id is not null
        or (stripped_key <> '' and stripped_key !~ '[0-9]' and stripped_key !~ '^\S+( \S+){6,}$')
)

select * from identified
