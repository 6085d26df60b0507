with credits as (
    select * from {{ ref('stg_credits') }}
    where is_latest and name is not null and function is not null
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

people as (
    select * from {{ ref('int_people') }}
),

split as (
    select
        mentions.mention_id,
        credits.extraction_id,
        credits.pointer,
        mentions.pick_rank,
        credits.position,
        part.ordinality as part_position,
        credits.function,
        credits.nights_count > 0 as has_nights,
        btrim(part.printed) as printed
    from credits
    inner join mentions
        on credits.extraction_id = mentions.extraction_id and credits.parent_pointer = mentions.pointer
    cross join
        lateral regexp_split_to_table(credits.name, {{ name_separator() }}) with ordinality as part (
            printed, ordinality
        )
    where credits.function <> 'composer'
),

identified as (
    select
        split.mention_id,
        split.extraction_id,
        split.pointer,
        split.pick_rank,
        split.position * 100 + split.part_position as position,
        split.function,
        split.has_nights,
        people.performer_id,
        people.name,
        people.resolution,
        people.resolution_score
    from split
    inner join people on split.printed = people.printed
)

select * from identified
