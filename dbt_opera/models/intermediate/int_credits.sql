with credits as (
    select * from {{ ref('int_credit_lines') }}
    where function <> 'composer'
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

people as (
    select * from {{ ref('int_people') }}
),

parts as (
    select
        mentions.mention_id,
        mentions.company_id,
        credits.extraction_id,
        credits.pointer,
        mentions.pick_rank,
        credits.position,
        credits.function,
        credits.nights_count > 0 as has_nights,
        credits.name as printed
    from credits
    inner join mentions
        on credits.extraction_id = mentions.extraction_id and credits.parent_pointer = mentions.pointer
),

identified as (
    select
        parts.mention_id,
        parts.extraction_id,
        parts.pointer,
        parts.pick_rank,
        parts.position * 100 + people.position as position,
        parts.function,
        parts.has_nights,
        people.performer_id,
        people.name,
        people.resolution,
        people.resolution_score
    from parts
    inner join people on parts.printed = people.printed and parts.company_id = people.company_id
)

select * from identified
