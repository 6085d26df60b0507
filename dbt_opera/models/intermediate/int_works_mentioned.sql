with mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('stg_works') }}
    where is_latest and title is not null
),

credits as (
    select * from {{ ref('stg_credits') }}
    where is_latest and function = 'composer'
),

composers as (
    select * from {{ ref('int_composers') }}
),

titles as (
    select * from {{ ref('int_titles') }}
),

title_works as (
    select * from {{ ref('int_title_works') }}
),

reference_works as (
    select * from {{ ref('opera_works') }}
),

composer_credits as (
    select
        extraction_id,
        parent_pointer as pointer,
        min(name collate "C") as composer
    from credits
    where name is not null
    group by extraction_id, parent_pointer
    having count(distinct name) = 1
),

headings as (
    select
        mentions.*,
        coalesce(mentions.opera_title, mentions.production_title) as title,
        case when mentions.opera_title is not null then 'opera_title' else 'production_title' end as title_field,
        coalesce(mentions.composer, composer_credits.composer) as composer_printed
    from mentions
    left join composer_credits
        on mentions.extraction_id = composer_credits.extraction_id and mentions.pointer = composer_credits.pointer
),

listed as (
    select
        headings.mention_id,
        works.position + 1 as ordinal,
        works.title,
        works.pointer || '/title' as title_pointer,
        works.composer as own_composer,
        headings.composer_printed as bill_composer,
        works.extent,
        works.version,
        count(*) over (partition by headings.mention_id) as works_count
    from works
    inner join headings
        on works.extraction_id = headings.extraction_id and works.parent_pointer = headings.pointer
),

unlisted as (
    select headings.*
    from headings
    where
        headings.title is not null
        and not exists (
            select 1 from listed
            where listed.mention_id = headings.mention_id
        )
),

title_parts as (
    select
        unlisted.mention_id,
        part.title,
        part.ordinal::integer as ordinal,
        count(*) over (partition by unlisted.mention_id) as parts_count
    from unlisted
    cross join lateral regexp_split_to_table(unlisted.title, {{ bill_separator() }}) with ordinality as part (
        title, ordinal
    )
),

-- A title with a separator is a bill only if no work is called so and each of its parts is one.
bills as (
    select title_parts.mention_id
    from title_parts
    inner join unlisted on title_parts.mention_id = unlisted.mention_id
    where
        title_parts.parts_count between 2 and 4
        and not exists (
            select 1 from title_works
            where title_works.printed = unlisted.title and title_works.form_rank <= 2
        )
    group by title_parts.mention_id, title_parts.parts_count
    having
        count(*) filter (
            where exists (
                select 1 from title_works
                where title_works.printed = title_parts.title and title_works.form_rank <= 2
            )
        ) = title_parts.parts_count
),

split as (
    select
        unlisted.mention_id,
        title_parts.ordinal,
        title_parts.title,
        unlisted.pointer || '/' || unlisted.title_field as title_pointer,
        case
            when cardinality(composer_parts.names) = title_parts.parts_count
                then composer_parts.names[title_parts.ordinal]
        end as own_composer,
        unlisted.composer_printed as bill_composer,
        null::text as extent,
        null::text as version,
        title_parts.parts_count as works_count
    from bills
    inner join unlisted on bills.mention_id = unlisted.mention_id
    inner join title_parts on bills.mention_id = title_parts.mention_id
    cross join lateral regexp_split_to_array(unlisted.composer_printed, '\s*[/|&+]\s*') as composer_parts (names)
),

single as (
    select
        unlisted.mention_id,
        1 as ordinal,
        unlisted.title,
        unlisted.pointer || '/' || unlisted.title_field as title_pointer,
        unlisted.composer_printed as own_composer,
        unlisted.composer_printed as bill_composer,
        null::text as extent,
        null::text as version,
        1 as works_count
    from unlisted
    where
        not exists (
            select 1 from bills
            where bills.mention_id = unlisted.mention_id
        )
),

mentioned as (
    select * from listed
    union all
    select * from split
    union all
    select * from single
),

-- The composer of the bill is the composer of its only work; of several works only where the reference agrees.
composed as (
    select
        mentioned.mention_id,
        mentioned.ordinal,
        mentioned.title,
        mentioned.title_pointer,
        mentioned.extent,
        mentioned.version,
        headings.company_id,
        headings.genre,
        headings.pick_rank,
        titles.title_key,
        titles.is_adaptation or coalesce(own_titles.is_adaptation, false) as is_adaptation,
        own.composer_id,
        own.reference_id as composer_reference_id,
        own.composer,
        case when own.composer_id is null then bill.reference_id end as bill_composer_reference_id,
        case
            when headings.genre in ('ballet', 'play', 'concert') then headings.genre
        end as other_genre
    from mentioned
    inner join headings on mentioned.mention_id = headings.mention_id
    inner join titles on mentioned.title = titles.printed
    left join titles as own_titles on headings.production_title = own_titles.printed
    left join composers as own
        on own.printed = coalesce(
                mentioned.own_composer, case when mentioned.works_count = 1 then mentioned.bill_composer end
            )
    left join composers as bill on mentioned.bill_composer = bill.printed
),

ranked_title_works as (
    select
        *,
        min(form_rank) over (partition by printed) as best_rank,
        min(form_rank) over (partition by printed, composer_reference_id) as best_rank_of_composer
    from title_works
),

-- The best form under which the reference knows the title, by one composer or by any.
by_composer as (
    select
        printed,
        composer_reference_id,
        min(work_id collate "C") as work_id,
        form_rank
    from ranked_title_works
    where form_rank = best_rank_of_composer
    group by printed, composer_reference_id, form_rank
    having count(*) = 1
),

-- Without a composer a title decides only where exactly one work bears it, and not by its subtitle.
by_title as (
    select
        printed,
        min(work_id collate "C") as work_id,
        form_rank
    from ranked_title_works
    where form_rank = best_rank and form_rank in (1, 2, 4, 5)
    group by printed, form_rank
    having count(*) = 1
),

looked_up as (
    select
        composed.*,
        -- The ballet of that title is another work, even by the same composer.
        case
            when composed.other_genre in ('ballet', 'play') then null
            else coalesce(
                    by_composer.work_id,
                    by_bill_composer.work_id,
                    case when composed.composer_id is null and composed.other_genre is null then by_title.work_id end
                )
        end as own_reference_id,
        coalesce(by_composer.form_rank, by_bill_composer.form_rank, by_title.form_rank) as form_rank,
        composed.other_genre in ('ballet', 'play') is not true
        and coalesce(by_composer.work_id, by_bill_composer.work_id) is not null as is_by_composer
    from composed
    left join by_composer
        on composed.title = by_composer.printed and composed.composer_reference_id = by_composer.composer_reference_id
    left join by_composer as by_bill_composer
        on
            composed.title = by_bill_composer.printed
            and composed.bill_composer_reference_id = by_bill_composer.composer_reference_id
    left join by_title on composed.title = by_title.printed
),

identified as (
    select
        *,
        case
            when own_reference_id is not null then {{ key('work', ['own_reference_id']) }}
            else {{ key('work_title', ['title_key', 'composer_id', 'other_genre']) }}
        end as own_work_id
    from looked_up
),

-- What else the same company says about a work it calls so: a calendar that prints the bare title means the work whose
-- composer, or whose being a ballet, stands on the work's own page.
explained as (
    select
        company_id,
        title_key,
        min(own_work_id collate "C") as work_id
    from identified
    where composer_id is not null or is_by_composer or other_genre is not null
    group by company_id, title_key
    having count(distinct own_work_id) = 1
),

explanations as (
    select distinct on (identified.company_id, identified.title_key)
        identified.company_id,
        identified.title_key,
        identified.own_work_id,
        identified.own_reference_id,
        identified.composer_id,
        identified.composer,
        identified.other_genre
    from identified
    inner join explained
        on
            identified.company_id = explained.company_id
            and identified.title_key = explained.title_key
            and identified.own_work_id = explained.work_id
    where identified.composer_id is not null or identified.is_by_composer or identified.other_genre is not null
    order by identified.company_id, identified.title_key, identified.pick_rank, identified.ordinal
),

resolved as (
    select
        identified.mention_id,
        identified.company_id,
        identified.ordinal,
        identified.title,
        identified.title_key,
        identified.title_pointer,
        identified.pick_rank,
        identified.version,
        coalesce(
            identified.extent, case when identified.is_adaptation then 'adaptation' end
        ) as extent,
        coalesce(explanations.own_work_id, identified.own_work_id) as opera_work_id,
        case
            when explanations.own_work_id is not null then explanations.own_reference_id
            else identified.own_reference_id
        end as reference_id,
        case
            when explanations.own_work_id is not null then explanations.composer_id else identified.composer_id
        end as composer_id,
        case
            when explanations.own_work_id is not null then explanations.composer else identified.composer
        end as composer,
        case
            when explanations.own_work_id is not null then explanations.other_genre else identified.other_genre
        end as other_genre,
        identified.form_rank,
        identified.is_by_composer,
        explanations.own_work_id is not null as is_explained
    from identified
    left join explanations
        on
            identified.company_id = explanations.company_id
            and identified.title_key = explanations.title_key
            and identified.composer_id is null
            and not identified.is_by_composer
            and identified.other_genre is null
),

scored as (
    select
        resolved.*,
        reference_works.title as reference_title,
        case
            when resolved.reference_id is null then 'provisional'
            when resolved.form_rank = 1 and resolved.title_key = {{ normalised('reference_works.title') }}
                then 'reference'
            when resolved.form_rank = 1 then 'alias'
            else 'normalised'
        end as resolution,
        case
            when resolved.reference_id is null then 0.50
            when resolved.is_by_composer and resolved.form_rank = 1 then 1.00
            when resolved.is_by_composer then 0.90
            when resolved.is_explained then 0.90
            when resolved.form_rank = 1 then 0.80
            else 0.70
        end::numeric(3, 2) as resolution_score
    from resolved
    left join reference_works on resolved.reference_id = reference_works.work_id
)

select * from scored
